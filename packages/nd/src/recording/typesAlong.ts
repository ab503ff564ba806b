import type { TensorType } from "@adjoint/graph";
import type { Step } from "./step.js";

/** Types by value count along the path that ends in `last`; collected at the first question. */
export function typesAlong(last: Step): (index: number) => TensorType {
  const types = new Map<number, TensorType>();
  return (index) => {
    if (types.size === 0) {
      for (let step: Step | undefined = last; step !== undefined; step = step.parent) {
        for (const [out, type] of step.types.entries()) types.set(step.base + out, type);
      }
    }
    const type = types.get(index);
    if (type === undefined) throw new Error(`segment: no value ${index}`);
    return type;
  };
}
