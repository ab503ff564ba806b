import { equalTypes, formatType, GradientError, type Value } from "@adjoint/graph";
import { add, fill, fronts, sub } from "@adjoint/ops";
import type { Leaf, NDArray } from "../array/ndarray.js";
import { noVariable, notRecorded, released, unfitHead } from "../differentiation/complaints.js";
import type { Recorder } from "../recording/recorder.js";
import { checkArray } from "../recording/recorder.js";
import type { CustomBackward } from "../recording/trace.js";
import type { Places } from "./places.js";
import { type Head, reverseOnTape } from "./reverseOnTape.js";
import type { Tape } from "./tape.js";
import type { GradientRequest, TracedGradients } from "./tracing.js";
import type { Variables } from "./variables.js";

/** What `backward` does besides gradients when it passes a row. */
export interface RowEffect {
  readonly id: number;
  run(): void;
}

/** The way between arrays and values of the tape. */
interface Arrays {
  operand(array: NDArray): Value;
  arrayOf(value: Value): NDArray;
}

interface Parts {
  readonly tape: Tape;
  readonly places: Places;
  readonly variables: Variables;
}

/** Gradients within a function that is being compiled: they go on the tape of the function itself. */
export class TracedBackward {
  readonly effects: RowEffect[] = [];
  private readonly customs: CustomBackward[] = [];

  constructor(
    private readonly parts: Parts,
    private readonly recorder: Recorder,
    private readonly arrays: Arrays,
  ) {
    parts.tape.runCustom = (key, heads) => this.runCustom(key, heads);
  }

  keepCustom(backward: CustomBackward): number {
    return this.customs.push(backward) - 1;
  }

  gradients(
    heads: readonly NDArray[],
    headGrads: readonly (NDArray | undefined)[],
    { createGraph, trainMode }: GradientRequest,
  ): TracedGradients {
    const flows = heads.map((head) => this.startsGradient(head));
    if (!flows.includes(true)) throw noVariable(heads.map(({ type }) => type));
    const { recorder } = this;
    const { recording, training } = recorder;
    Object.assign(recorder, { recording: createGraph, training: trainMode });
    try {
      return this.parts.tape.recorded(createGraph, () => this.reverse(heads, headGrads, flows));
    } finally {
      Object.assign(recorder, { recording, training });
    }
  }

  private startsGradient(array: NDArray): boolean {
    const { tape, places, variables } = this.parts;
    const { leaf } = array;
    if (leaf !== undefined) return leaf.req !== "null";
    const { recorded } = places.of(array);
    if (recorded === undefined) {
      if (variables.isForeign(array) || this.recorder.isSource(array)) throw flowsOut(array);
      throw notRecorded(array.type);
    }
    const marks = tape.marksOf(recorded);
    if (marks.tracked && marks.released) throw released();
    if (tape.flows(recorded)) return true;
    if (marks.silent) return false;
    throw notRecorded(array.type);
  }

  private reverse(
    heads: readonly NDArray[],
    headGrads: readonly (NDArray | undefined)[],
    flows: readonly boolean[],
  ): TracedGradients {
    const sums = new Map<Leaf, Value>();
    const recorded = new Map<Value, Head>();
    heads.forEach((head, position) => {
      const gradient = this.headValue(head, headGrads[position]);
      if (flows[position] !== true) return;
      if (head.leaf !== undefined) {
        sums.set(head.leaf, this.tied(gradient, this.arrays.operand(head)));
        return;
      }
      const { recorded: value } = this.parts.places.of(head);
      if (value !== undefined) recorded.set(value, { value, gradient });
    });
    const { gradients, reached } = reverseOnTape(this.parts.tape, [...recorded.values()]);
    for (const [row, gradient] of gradients) {
      const variable = this.parts.variables.at(row);
      if (variable?.leaf === undefined) throw flowsOut({ type: gradient.type });
      const known = sums.get(variable.leaf);
      const tied = this.tied(gradient, variable.value);
      sums.set(variable.leaf, known === undefined ? tied : add(known, tied));
    }
    const arrays = [...sums].map(([leaf, value]) => [leaf, this.arrays.arrayOf(value)] as const);
    return {
      gradients: new Map(arrays),
      conclude: (retainGraph) => this.conclude(reached, retainGraph),
    };
  }

  /** The head gradient given, checked; ones if there is none. */
  private headValue(head: NDArray, given: NDArray | undefined): Value {
    if (given === undefined) {
      const { recorded } = this.parts.places.of(head);
      return fill(recorded ?? this.parts.places.contents(head), head.shape, 1);
    }
    checkArray("backward", given);
    if (!equalTypes(given.type, head.type)) throw unfitHead(given.type, head.type);
    return this.arrays.operand(given);
  }

  /** A recorded gradient that does not depend on its variable is still a function of it, with derivative 0. */
  private tied(gradient: Value, variable: Value): Value {
    if (!this.recorder.recording || this.parts.tape.flows(gradient)) return gradient;
    return sub(gradient, fronts.zerosLike(variable));
  }

  private conclude(reached: ReadonlySet<number>, retainGraph: boolean): void {
    for (const { id, run } of this.effects) if (reached.has(id)) run();
    if (retainGraph) return;
    for (const id of reached) this.parts.tape.mark({ id }, { released: true });
  }

  private runCustom(key: number, heads: readonly Value[]): readonly Value[] {
    const custom = this.customs[key];
    if (custom === undefined) throw new Error(`compile: no custom function ${key}`);
    const arrays = heads.map((head) => this.arrays.arrayOf(head));
    const gradients = this.recorder.recording ? custom.onArrays(arrays) : custom.onPlain(arrays);
    return gradients.map((gradient) => this.arrays.operand(gradient));
  }
}

function flowsOut({ type }: Pick<NDArray, "type">): GradientError {
  return new GradientError({
    op: "backward",
    problem: "gradients can't flow out of a compiled function into what was recorded outside",
    received: formatType(type),
    allowed: "arrays with attachGrad, or a call of the compiled function within the recorded scope",
  });
}
