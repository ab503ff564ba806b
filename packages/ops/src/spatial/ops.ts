import type { OpDef } from "@adjoint/graph";
import { adaptiveAvgPooling2DOp } from "./AdaptiveAvgPooling2D.js";
import { bilinearResize2DOp } from "./BilinearResize2D.js";
import { bilinearSamplerOp } from "./BilinearSampler.js";
import { correlationOp } from "./Correlation.js";
import { affineGridOp, warpGridOp } from "./GridGenerator.js";
import { roiAlignOp } from "./ROIAlign.js";
import { roiPoolingOp } from "./ROIPooling.js";
import { spatialTransformerOp } from "./SpatialTransformer.js";

export const spatialOps: readonly OpDef[] = [
  affineGridOp,
  warpGridOp,
  bilinearSamplerOp,
  spatialTransformerOp,
  bilinearResize2DOp,
  adaptiveAvgPooling2DOp,
  roiPoolingOp,
  roiAlignOp,
  correlationOp,
];
