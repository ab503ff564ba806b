import type { OpDef } from "@adjoint/graph";
import { exponentialOp, normalOp, randintOp, sequenceOp, uniformOp } from "./distributions.js";
import {
  gammaOp,
  generalizedNegativeBinomialOp,
  negativeBinomialOp,
  poissonOp,
} from "./gammaFamily.js";
import { multinomialOp } from "./multinomial.js";

export const randomOps: readonly OpDef[] = [
  uniformOp,
  normalOp,
  exponentialOp,
  randintOp,
  sequenceOp,
  gammaOp,
  poissonOp,
  negativeBinomialOp,
  generalizedNegativeBinomialOp,
  multinomialOp,
];
