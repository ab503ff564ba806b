import { CTCLoss } from "../nn/CTCLoss.js";
import { AdaptiveAvgPooling2D } from "../spatial/AdaptiveAvgPooling2D.js";
import { BilinearResize2D } from "../spatial/BilinearResize2D.js";
import { ROIAlign } from "../spatial/ROIAlign.js";
import { allclose } from "./allclose.js";
import { arangeLike } from "./arangeLike.js";
import { divSqrtDim } from "./divSqrtDim.js";
import { isfinite, isinf, isnan } from "./finiteness.js";
import { indexArray } from "./indexArray.js";
import { indexCopy } from "./indexCopy.js";
import {
  interleavedMatmulEncdecQk,
  interleavedMatmulEncdecValatt,
  interleavedMatmulSelfattQk,
  interleavedMatmulSelfattValatt,
} from "./interleavedAttention.js";
import { quadratic } from "./quadratic.js";
import { gradientmultiplier, roundSte, signSte } from "./straightThrough.js";

/** Operators that MXNet keeps under `contrib`. */
export const contrib = {
  AdaptiveAvgPooling2D,
  BilinearResize2D,
  CTCLoss,
  ROIAlign,
  ctcLoss: CTCLoss,
  allclose,
  arangeLike,
  divSqrtDim,
  gradientmultiplier,
  indexArray,
  indexCopy,
  interleavedMatmulEncdecQk,
  interleavedMatmulEncdecValatt,
  interleavedMatmulSelfattQk,
  interleavedMatmulSelfattValatt,
  isfinite,
  isinf,
  isnan,
  quadratic,
  roundSte,
  signSte,
} as const;
