import type { Attrs, Graph, Value } from "@adjoint/graph";
import { registry } from "../../src/index.js";
import { type DerivativeOptions, type Given, record } from "../support.js";

/** Arguments of an operator near which it is smooth. */
export interface Example extends DerivativeOptions {
  readonly ins: readonly Given[];
  readonly attrs?: Attrs;
  /** Makes the operator's arguments of `ins`, where they can't be any numbers. */
  readonly prepare?: (...ins: readonly Value[]) => readonly Value[];
  /** The gradient is not the derivative of the value, but that of a loss, or a constant. */
  readonly decreed?: true;
}

/** Examples by operator. */
export type Examples = Readonly<Record<string, readonly Example[]>>;

/** The operator called `name` applied to the arguments of an example. */
export function exampleGraph(
  name: string,
  { ins, attrs = {}, prepare = (...values) => values }: Example,
): Graph {
  const apply = (...values: readonly Value[]) => {
    const [first] = values;
    if (first === undefined) throw new Error(`${name}: an example needs arguments`);
    return first.emitter.emit(registry.get(name), prepare(...values), attrs);
  };
  return record(apply, ins);
}

/** One example per list of attributes, all on the same arguments. */
export function withEach(ins: readonly Given[], ...all: readonly Attrs[]): readonly Example[] {
  return all.map((attrs) => ({ ins, attrs }));
}
