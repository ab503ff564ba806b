import {
  type Attrs,
  createRegistry,
  GraphError,
  type OpDef,
  sizeOf,
  type TensorType,
} from "@adjoint/graph";
import type { PlanContext } from "../kernels/prepare.js";
import { prepareKernel } from "../kernels/prepareKernel.js";
import { Engines } from "../random/engines.js";
import { Scratch } from "../scratch.js";
import { plan } from "./plan.js";
import { allocate, type Tensor } from "../tensor.js";

/**
 * Runs one primitive operator on tensors, as constant folding does. Throws a GraphError for a
 * composite. `planBody` plans the bodies of `call` kernels; by default they may not contain
 * operators.
 */
export function evaluateNode(
  op: OpDef,
  ins: readonly Tensor[],
  attrs: Attrs,
  outTypes: readonly TensorType[],
  planBody: PlanContext["planBody"] = (graph) => plan(graph, createRegistry([])),
): Tensor[] {
  if (op.kernel === undefined) {
    throw new GraphError({ op: op.name, problem: "a composite operator has no kernel" });
  }
  const types = ins.map(({ type }) => type);
  const kernel = op.kernel(types, attrs, outTypes);
  const execute = prepareKernel(kernel, { op: op.name, ins: types, outs: outTypes }, { planBody });
  const outs = outTypes.map(({ dtype, shape }) => allocate(dtype, sizeOf(shape)));
  execute(
    ins.map(({ data }) => data),
    outs,
    { hosts: new Map(), engines: new Engines(), scratch: new Scratch() },
  );
  return outTypes.flatMap((type, out) => {
    const data = outs[out];
    return data === undefined ? [] : { type, data };
  });
}
