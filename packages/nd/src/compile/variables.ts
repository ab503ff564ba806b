import type { Value } from "@adjoint/graph";
import type { Leaf, NDArray } from "../array/ndarray.js";
import type { Tape } from "./tape.js";

/** What a recorded operator reads in a variable's place: gradients end there. */
export interface Variable {
  readonly value: Value;
  /** What the variable held. */
  readonly contents: Value;
  /** Undefined for the result of a computation recorded outside. */
  readonly leaf: Leaf | undefined;
}

/** The variables of a program, by the row that stands for them. */
export class Variables {
  private readonly byRow = new Map<number, Variable>();
  private readonly latest = new Map<Leaf | NDArray, Variable>();
  private readonly foreign = new Set<NDArray>();

  constructor(private readonly tape: Tape) {}

  /** Makes `array` stand for the result of a computation recorded outside. */
  addForeign(array: NDArray): void {
    this.foreign.add(array);
  }

  isForeign(array: NDArray): boolean {
    return this.foreign.has(array);
  }

  /** What stands for a variable as long as it holds `contents`. */
  valueOf(array: NDArray, contents: Value): Value {
    const { leaf } = array;
    const known = this.latest.get(leaf ?? array);
    if (known?.contents === contents) return known.value;
    const value = this.tape.cut(contents);
    this.tape.mark(value, leaf?.req === "null" ? { silent: true } : { source: true });
    const variable = { value, contents, leaf };
    this.byRow.set(value.id, variable);
    this.latest.set(leaf ?? array, variable);
    return value;
  }

  at(row: number): Variable | undefined {
    return this.byRow.get(row);
  }
}
