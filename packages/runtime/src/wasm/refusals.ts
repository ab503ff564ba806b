import { ArgumentError } from "@adjoint/graph";

/** Why a kernel can't give a result for the values it met, and whose kernel it is. */
export interface Refusal {
  readonly op: string;
  readonly problem: string;
  readonly site?: string | undefined;
}

/**
 * How library functions report that values are refused: they write the number of a refusal to one
 * word of memory and go on, from whichever thread. Whoever runs them looks at it afterwards.
 */
export class Refusals {
  private readonly known: Refusal[] = [];
  private readonly numbers = new Map<string, number>();

  constructor(
    private readonly memory: WebAssembly.Memory,
    /** Of the word, which is 0 at first. */
    readonly address: number,
  ) {}

  /** The number of a refusal, from 1 on. */
  numberOf(refusal: Refusal): number {
    const key = JSON.stringify([refusal.op, refusal.problem, refusal.site]);
    const number = this.numbers.get(key) ?? this.known.push(refusal);
    this.numbers.set(key, number);
    return number;
  }

  /** Throws the ArgumentError of what was refused since the last time, if anything was. */
  check(): void {
    const word = new Int32Array(this.memory.buffer, this.address, 1);
    const refusal = this.known[(word[0] ?? 0) - 1];
    word[0] = 0;
    if (refusal !== undefined) throw new ArgumentError(refusal);
  }
}
