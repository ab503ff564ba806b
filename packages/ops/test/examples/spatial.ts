import { given, irregular } from "../support.js";
import { type Examples, withEach } from "./example.js";

const image = irregular([1, 2, 3, 3]);
/** Two whole regions, one that leaves the image, one of an image that does not exist. */
const rois = given(
  [0, 0.2, 0.1, 1.7, 2.3, 0, 0.6, 0.3, 1.4, 0.9, 0, 1.2, 1.3, 5.3, 4.4, 1, 0, 0, 2, 2],
  [4, 5],
);
const pooled = { pooledHeight: 2, pooledWidth: 1, spatialScale: 1 };
const sampled = { ...pooled, sampleRatio: 2, positionSensitive: false, aligned: false };
const correlation = {
  kernelSize: 1,
  maxDisplacement: 1,
  stride1: 1,
  stride2: 1,
  padSize: 1,
  isMultiply: true,
};

/** What reads images at other places than their pixels. */
export const spatialExamples: Examples = {
  affineGrid: withEach([irregular([2, 6])], { height: 2, width: 3 }, { height: 1, width: 2 }),
  warpGrid: [{ ins: [irregular([1, 2, 2, 3])] }, { ins: [irregular([2, 2, 1, 2])] }],
  BilinearSampler: [
    { ins: [irregular([2, 1, 2, 3]), irregular([2, 2, 2, 2], 2)] },
    { ins: [irregular([1, 2, 1, 2]), irregular([1, 2, 3, 1], 2)] },
  ],
  SpatialTransformer: withEach([irregular([1, 1, 3, 2]), irregular([1, 6], 2)], {
    height: 2,
    width: 2,
  }),
  BilinearResize2D: withEach(
    [image],
    { height: 4, width: 2, alignCorners: true },
    { height: 4, width: 2, alignCorners: false },
    { height: 1, width: 5, alignCorners: false },
  ),
  AdaptiveAvgPooling2D: withEach(
    [image],
    { height: 2, width: 2 },
    { height: 1, width: 3 },
    { height: 4, width: 1 },
  ),
  ROIPooling: [{ ins: [image, rois], attrs: pooled, constant: [1] }],
  ROIAlign: [
    { ins: [image, rois], attrs: sampled, constant: [1] },
    { ins: [image, rois], attrs: { ...sampled, sampleRatio: -1, aligned: true }, constant: [1] },
    { ins: [image, rois], attrs: { ...sampled, positionSensitive: true }, constant: [1] },
  ],
  Correlation: withEach(
    [irregular([1, 2, 3, 2]), irregular([1, 2, 3, 2], 2)],
    correlation,
    { ...correlation, isMultiply: false },
    { ...correlation, kernelSize: 3, maxDisplacement: 2, stride1: 2, stride2: 2, padSize: 3 },
  ),
};
