export {
  expandDims,
  flatten,
  flatten as Flatten,
  moveaxis,
  squeeze,
  swapaxes,
  swapaxes as SwapAxis,
} from "./axes.js";
export {
  broadcastAxis,
  broadcastAxis as broadcastAxes,
  broadcastLike,
  broadcastToShape as broadcastTo,
} from "./broadcast.js";
export { depthToSpace, spaceToDepth } from "./depthToSpace.js";
export { diag } from "./diag.js";
export { flip, flip as reverse } from "./flip.js";
export { repeat, tile } from "./repeat.js";
export { reshapeByCodes as reshape, reshapeByCodes as Reshape, reshapeLike } from "./shapeCodes.js";
export { slice, slice as crop, sliceAxis, sliceLike } from "./sliceRange.js";
export { split, split as SliceChannel, splitV2 } from "./split.js";
export { transpose } from "./transpose.js";
