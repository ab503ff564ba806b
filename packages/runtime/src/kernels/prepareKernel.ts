import type { Kernel, KernelKind } from "@adjoint/graph";
import { prepareCall } from "./call.js";
import { prepareContract } from "./contract.js";
import { prepareIndex } from "./index.js";
import { prepareLinalg } from "./linalg.js";
import { prepareMap } from "./map.js";
import { prepareOrder } from "./order.js";
import { preparePack } from "./pack.js";
import type { Execute, PlanContext, Prepare, Signature } from "./prepare.js";
import { prepareRandom } from "./random.js";
import { prepareReduce } from "./reduce.js";
import { prepareView } from "./view.js";
import { prepareWindow } from "./window.js";

type KernelOf<K extends KernelKind> = Extract<Kernel, { kind: K }>;

const interpreters: { readonly [K in KernelKind]: Prepare<KernelOf<K>> } = {
  map: prepareMap,
  reduce: prepareReduce,
  contract: prepareContract,
  window: prepareWindow,
  view: prepareView,
  pack: preparePack,
  index: prepareIndex,
  order: prepareOrder,
  linalg: prepareLinalg,
  random: prepareRandom,
  call: prepareCall,
};

/**
 * The interpreter of a kernel, for given types. Throws a DTypeError where the kind can't calculate
 * with them.
 */
export function prepareKernel(kernel: Kernel, signature: Signature, context: PlanContext): Execute {
  return prepareKind(kernel.kind, kernel, signature, context);
}

function prepareKind<K extends KernelKind>(
  kind: K,
  kernel: KernelOf<K>,
  signature: Signature,
  context: PlanContext,
): Execute {
  return interpreters[kind](kernel, signature, context);
}
