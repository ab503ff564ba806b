import { Builder, type Graph, type Ref, refKey, type TensorType, type Value } from "@adjoint/graph";
import { stopGradient } from "@adjoint/ops";
import type { Action, Step } from "./step.js";

/** A recorded path as a graph. */
export interface Program {
  readonly graph: Graph;
  /** Value counts of the inputs, in the order of the graph's inputs. */
  readonly inputs: readonly number[];
  /** Where a value of the path stands in the graph. */
  refOf(index: number): Ref;
  /** Which value of the path a row of the graph holds. */
  indexOf(ref: Ref): number;
}

export interface ProgramOptions {
  readonly name: string;
  readonly steps: readonly Step[];
  /** Value counts of the results. */
  readonly outputs: readonly number[];
  /** Types of values from before the steps, which become inputs. */
  readonly typeAt: (index: number) => TensorType;
  /** Cut results of steps that were not recorded off from differentiation. */
  readonly fenced: boolean;
}

/** Puts steps of the trace tree into a graph. */
export function programOf(options: ProgramOptions): Program {
  const maker = new ProgramMaker(options);
  for (const step of options.steps) maker.add(step);
  return maker.finish(options.outputs);
}

class ProgramMaker {
  private readonly builder: Builder;
  private readonly values = new Map<number, Value>();
  private readonly indices = new Map<string, number>();
  private readonly fences = new Map<number, Value>();
  private readonly constants = new Set<number>();
  private readonly inputs: number[] = [];

  constructor(private readonly options: ProgramOptions) {
    this.builder = new Builder(options.name);
  }

  add(step: Step): void {
    const { action, origin } = step;
    if (action === undefined) return;
    if (action.kind === "input") {
      const name = origin.name ?? (action.source ? `x${step.base}` : `c${step.base}`);
      this.addInput(step.base, name, action.type, origin.site);
      return;
    }
    const ins = action.operands.map((index) => this.operandOf(action, index));
    const { site, scope } = origin;
    const results = this.builder.within({ site, scope }, () =>
      this.builder.emit(action.op, ins, action.attrs),
    );
    results.forEach((value, out) => {
      this.place(step.base + out, value);
      if (!action.recorded && !action.source) this.constants.add(step.base + out);
    });
  }

  finish(outputs: readonly number[]): Program {
    outputs.forEach((index, position) => {
      this.builder.output(`y${position}`, this.operand(index));
    });
    const { values, indices, inputs } = this;
    return {
      graph: this.builder.finish(),
      inputs,
      refOf: (index) => refOf(found(values.get(index), `value ${index}`)),
      indexOf: (ref) => found(indices.get(refKey(ref)), `row %${refKey(ref)}`),
    };
  }

  private place(index: number, value: Value): void {
    this.values.set(index, value);
    this.indices.set(refKey(refOf(value)), index);
  }

  private addInput(index: number, name: string, type: TensorType, site?: string): Value {
    let free = name;
    while (this.builder.inputNames.has(free)) free += "'";
    const value = this.builder.input(free, type, "arg", { site });
    this.inputs.push(index);
    this.place(index, value);
    return value;
  }

  private operand(index: number): Value {
    return this.values.get(index) ?? this.addInput(index, `v${index}`, this.options.typeAt(index));
  }

  private operandOf(action: Action & { kind: "call" }, index: number): Value {
    const value = this.operand(index);
    if (!this.options.fenced || !action.recorded || !this.constants.has(index)) return value;
    const known = this.fences.get(index);
    if (known !== undefined) return known;
    const fence = stopGradient(value);
    this.fences.set(index, fence);
    this.indices.set(refKey(refOf(fence)), index);
    return fence;
  }
}

function refOf(value: Value): Ref {
  return { node: value.id, out: value.out };
}

function found<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`recorded program: no ${what}`);
  return value;
}
