import { ArgumentError, BoundsError } from "@adjoint/graph";
import type { FunctionBuilder, Operand, Value } from "./assembler/index.js";

/** Whose kernel it is, for the errors of values that are refused. */
export interface KernelOrigin {
  readonly op: string;
  readonly site?: string | undefined;
}

/** Why a kernel can't give a result for the values it met. */
export interface Refusal extends KernelOrigin {
  readonly problem: string;
  /** Of a number that is out of range, which code writes down: the numbers that are not. */
  readonly range?: string;
}

/** Where the number that was refused stands, after the word that says why. */
const received = 8;

/**
 * How generated code reports that values are refused: it writes the number of a refusal to one
 * word of memory and goes on, from whichever thread. Whoever runs it looks at it afterwards.
 */
export class Refusals {
  /** What there must be at the address, all zero at first. */
  static readonly bytes = 16;
  private readonly known: Refusal[] = [];
  private readonly numbers = new Map<string, number>();
  private view = new Int32Array(0);

  constructor(
    private readonly memory: WebAssembly.Memory,
    readonly address: number,
  ) {}

  /** The number of a refusal, from 1 on. */
  numberOf(refusal: Refusal): number {
    const { op, problem, range, site } = refusal;
    const key = JSON.stringify([op, problem, range, site]);
    const number = this.numbers.get(key) ?? this.known.push(refusal);
    this.numbers.set(key, number);
    return number;
  }

  /** Throws the error of what was refused first since the last time, if anything was. */
  check(): void {
    const { word } = this;
    const number = word[0] ?? 0;
    if (number === 0) return;
    const refusal = this.known[number - 1];
    word[0] = 0;
    if (refusal === undefined) return;
    const { range, ...complaint } = refusal;
    if (range === undefined) throw new ArgumentError(complaint);
    const [value = 0] = new Float64Array(this.memory.buffer, this.address + received, 1);
    throw new BoundsError({ ...complaint, received: String(value), allowed: range });
  }

  /** The word that says why, in the memory as it is now. */
  private get word(): Int32Array {
    if (this.view.buffer !== this.memory.buffer) {
      this.view = new Int32Array(this.memory.buffer, this.address, 1);
    }
    return this.view;
  }
}

/** Writes down a refusal, unless there is one, and the number that is out of range. */
export function emitRefusal(
  code: FunctionBuilder,
  address: Operand<"i32">,
  refusal: Operand<"i32">,
  number?: Value<"f64">,
): void {
  code.if(code.op("i32.eqz", code.load("i32.load", address)), () => {
    code.store("i32.store", address, refusal);
    if (number !== undefined) code.store("f64.store", address, number, received);
  });
}
