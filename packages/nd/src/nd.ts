export * from "@adjoint/ops/fronts";
export * from "./creation/filled.js";
export * from "./creation/ranges.js";
export { NDArray } from "./array/ndarray.js";
export { LeakyReLU } from "./LeakyReLU.js";
export { RNN } from "./RNN.js";
export { BatchNorm, type BatchNormSettings, Dropout, type DropoutSettings } from "./layers.js";
export * as random from "./random.js";
export * from "./random/flatNames.js";
export { contrib } from "./contrib.js";
export { nameScope } from "./nameScope.js";
export type { LoadedArrays, SavedArrays } from "./io/arrayFile.js";
export { decodeArrays } from "./io/decodeArrays.js";
export { encodeArrays } from "./io/encodeArrays.js";
export { load, loadNpy, loadNpz, save, saveNpy, saveNpz } from "./io/files.js";
export { decodeNpy, encodeNpy } from "./io/npy.js";
export { type DecodeNpzOptions, decodeNpz, type EncodeNpzOptions, encodeNpz } from "./io/npz.js";
export { adamUpdate, ftmlUpdate } from "./optimizer/adamUpdate.js";
export { ftrlUpdate } from "./optimizer/ftrlUpdate.js";
export {
  lambUpdatePhase1,
  lambUpdatePhase2,
  mpLambUpdatePhase1,
  mpLambUpdatePhase2,
} from "./optimizer/lambUpdate.js";
export { multiLars } from "./optimizer/multiLars.js";
export {
  multiMpSgdMomUpdate,
  multiMpSgdUpdate,
  multiSgdMomUpdate,
  multiSgdUpdate,
} from "./optimizer/multiSgdUpdate.js";
export { rmspropalexUpdate, rmspropUpdate } from "./optimizer/rmspropUpdate.js";
export {
  mpNagMomUpdate,
  mpSgdMomUpdate,
  mpSgdUpdate,
  nagMomUpdate,
  sgdMomUpdate,
  sgdUpdate,
} from "./optimizer/sgdUpdate.js";
export { signsgdUpdate, signumUpdate } from "./optimizer/signUpdate.js";
export { resetArrays } from "./resetArrays.js";
