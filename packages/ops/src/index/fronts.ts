export { Embedding } from "./embedding.js";
export { fillElement0index } from "./fillElement0index.js";
export { gatherNd, scatterNd } from "./gatherNd.js";
export { type HistogramOptions, histogram } from "./histogram.js";
export { oneHot } from "./oneHot.js";
export { batchTake, pick, pick as chooseElement0index } from "./pick.js";
export { ravelMultiIndex, unravelIndex } from "./ravel.js";
export { SequenceLast, SequenceMask, SequenceReverse } from "./sequence.js";
export { take } from "./take.js";
