import type { Shape } from "@adjoint/graph";
import type { Case } from "./emptyCase.js";

const resize = { height: 3, width: 4, alignCorners: true };
const region = { pooledHeight: 2, pooledWidth: 1, spatialScale: 1 };
/** No regions, no images, no channels, no pixels. */
const regions: readonly (readonly [Shape, Shape])[] = [
  [
    [1, 2, 3, 3],
    [0, 5],
  ],
  [
    [0, 2, 3, 3],
    [4, 5],
  ],
  [
    [1, 0, 3, 3],
    [4, 5],
  ],
  [
    [1, 2, 0, 3],
    [4, 5],
  ],
];
function regionShape([data, rois]: readonly [Shape, Shape]): Shape {
  return [rois[0] ?? 0, data[1] ?? 0, 2, 1];
}
const correlation = {
  kernelSize: 1,
  maxDisplacement: 1,
  stride1: 1,
  stride2: 1,
  padSize: 0,
  isMultiply: true,
};

/** No images, channels, pixels or regions, by spatial operator. */
export const emptySpatialCases: Readonly<Record<string, readonly Case[]>> = {
  affineGrid: [{ ins: [[0, 6]], attrs: { height: 2, width: 3 }, outs: [[0, 2, 2, 3]] }],
  warpGrid: [
    { ins: [[0, 2, 3, 1]], outs: [[0, 2, 3, 1]] },
    { ins: [[1, 2, 0, 3]], outs: [[1, 2, 0, 3]] },
  ],
  BilinearSampler: [
    {
      ins: [
        [0, 1, 2, 2],
        [0, 2, 3, 1],
      ],
      outs: [[0, 1, 3, 1]],
    },
    {
      ins: [
        [1, 1, 0, 2],
        [1, 2, 3, 1],
      ],
      outs: [[1, 1, 3, 1]],
    },
  ],
  SpatialTransformer: [
    {
      ins: [
        [0, 1, 2, 2],
        [0, 6],
      ],
      attrs: { height: 3, width: 1 },
      outs: [[0, 1, 3, 1]],
    },
  ],
  BilinearResize2D: [
    { ins: [[0, 1, 2, 2]], attrs: resize, outs: [[0, 1, 3, 4]] },
    { ins: [[1, 0, 2, 2]], attrs: { ...resize, alignCorners: false }, outs: [[1, 0, 3, 4]] },
    { ins: [[1, 1, 2, 2]], attrs: { ...resize, height: 0 }, outs: [[1, 1, 0, 4]] },
  ],
  AdaptiveAvgPooling2D: [
    { ins: [[0, 1, 3, 3]], attrs: { height: 2, width: 3 }, outs: [[0, 1, 2, 3]] },
    { ins: [[1, 0, 3, 3]], attrs: { height: 2, width: 1 }, outs: [[1, 0, 2, 1]] },
  ],
  ROIPooling: regions.map((ins) => ({ ins, attrs: region, outs: [regionShape(ins)] })),
  ROIAlign: regions.map((ins) => ({
    ins,
    attrs: { ...region, sampleRatio: -1, positionSensitive: false, aligned: false },
    outs: [regionShape(ins)],
  })),
  Correlation: [
    {
      ins: [
        [0, 2, 3, 3],
        [0, 2, 3, 3],
      ],
      attrs: correlation,
      outs: [[0, 9, 1, 1]],
    },
  ],
};
