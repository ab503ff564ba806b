import type { OpDef } from "@adjoint/graph";
import { activationOp } from "./Activation.js";
import { addNOp } from "./addN.js";
import { arangeOp, eyeOp } from "./arange.js";
import { arithmetic, negation } from "./arithmetic.js";
import { castOp } from "./cast.js";
import { clipOp, smoothL1Op } from "./clip.js";
import { comparisons, negatedLogic } from "./compare.js";
import { exponential } from "./exponential.js";
import { extremes } from "./extremum.js";
import { fullOp } from "./full.js";
import { hyperbolic } from "./hyperbolic.js";
import { identities, stopGradientOp } from "./identity.js";
import { leakyReLUOp } from "./LeakyReLU.js";
import { makeLossOp } from "./makeLoss.js";
import { powers, roots } from "./powers.js";
import { hardSigmoidOp, rectifiers } from "./rectify.js";
import { remainders } from "./remainder.js";
import { roundings } from "./rounding.js";
import { signs } from "./sign.js";
import { polygammaOp, special } from "./special.js";
import { planar, trigonometric } from "./trigonometric.js";
import { whereOp } from "./where.js";

export const elementwiseOps: readonly OpDef[] = [
  fullOp,
  arangeOp,
  eyeOp,
  ...arithmetic.defs,
  ...remainders.defs,
  addNOp,
  ...negation.defs,
  ...signs.defs,
  ...roundings.defs,
  ...exponential.defs,
  ...roots.defs,
  ...powers.defs,
  ...trigonometric.defs,
  ...planar.defs,
  ...hyperbolic.defs,
  ...special.defs,
  polygammaOp,
  ...comparisons.defs,
  ...negatedLogic.defs,
  ...extremes.defs,
  whereOp,
  castOp,
  clipOp,
  smoothL1Op,
  ...identities.defs,
  stopGradientOp,
  makeLossOp,
  ...rectifiers.defs,
  hardSigmoidOp,
  activationOp,
  leakyReLUOp,
];
