export type { AdaptiveAvgPooling2DOptions } from "./AdaptiveAvgPooling2D.js";
export type { BilinearResize2DOptions, BilinearResizeMode } from "./BilinearResize2D.js";
export { BilinearSampler, type SamplerFn } from "./BilinearSampler.js";
export { Correlation, type CorrelationOptions } from "./Correlation.js";
export { Crop, type CropOptions } from "./Crop.js";
export {
  GridGenerator,
  type GridGeneratorOptions,
  type TransformType,
} from "./GridGenerator.js";
export type { ROIAlignOptions } from "./ROIAlign.js";
export { ROIPooling } from "./ROIPooling.js";
export type { RegionOptions } from "./regions.js";
export { SpatialTransformer, type SpatialTransformerOptions } from "./SpatialTransformer.js";
