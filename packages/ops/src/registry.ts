import { createRegistry, type OpDef, type Registry } from "@adjoint/graph";
import { contractOps } from "./contract/ops.js";
import { contribOps } from "./contrib/ops.js";
import { controlOps } from "./control/ops.js";
import { elementwiseOps } from "./elementwise/ops.js";
import { indexOps } from "./index/ops.js";
import { linalgOps } from "./linalg/ops.js";
import { nnOps } from "./nn/ops.js";
import { orderOps } from "./order/ops.js";
import { packOps } from "./pack/ops.js";
import { randomOps } from "./random/ops.js";
import { reduceOps } from "./reduce/ops.js";
import { spatialOps } from "./spatial/ops.js";
import { viewOps } from "./view/ops.js";
import { windowOps } from "./window/ops.js";

/** Every operator there is. */
export const operators: readonly OpDef[] = [
  ...elementwiseOps,
  ...reduceOps,
  ...viewOps,
  ...packOps,
  ...indexOps,
  ...orderOps,
  ...contractOps,
  ...windowOps,
  ...linalgOps,
  ...randomOps,
  ...controlOps((name) => registry.get(name)),
  ...nnOps,
  ...spatialOps,
  ...contribOps,
];

/** Every operator by its name. */
export const registry: Registry = createRegistry(operators);
