import type { Shape, TensorType, Value } from "@adjoint/graph";
import type { Numbers } from "../domains.js";
import type { Sketch } from "../sketch.js";
import { isFilled, type Maker, type Makers } from "./maker.js";

/** Images (batch, channels, height, width) with some pixels. */
function images(sketch: Sketch, accept: (shape: Shape) => boolean = isFilled): Value {
  const dtypes = sketch.floats;
  return sketch.array({ dtypes, ranks: [4, 4], accept, domain: "moderate" });
}

function size({ choices }: Sketch): { readonly height: number; readonly width: number } {
  return { height: choices.between(1, 3), width: choices.between(1, 3) };
}

/** The 2 x 3 matrices of mappings near the identity. */
function matrices(sketch: Sketch, { dtype }: TensorType, batch: number): Value {
  return sketch.fresh({ dtype, shape: [batch, 6] }, (choices, [rows = 0]) =>
    Array.from({ length: rows }, () =>
      [0.9, 0, 0, 0, 0.8, 0].map((entry) => entry + choices.real(-0.1, 0.1)),
    ).flat(),
  );
}

/** Regions (image, x, y, x, y), not differentiated by. */
const regionNumbers =
  (batch: number): Numbers =>
  (choices, [rows = 0]) =>
    Array.from({ length: rows }, () => {
      const [left, top] = [choices.real(0, 1.2), choices.real(0, 1.2)];
      const image = choices.between(0, Math.max(batch - 1, 0));
      return [image, left, top, left + choices.real(0.3, 2), top + choices.real(0.3, 2)];
    }).flat();

const inRegions =
  (attrsOf: (sketch: Sketch) => Readonly<Record<string, number | boolean>>): Maker =>
  (sketch) => {
    const x = images(sketch);
    const [batch = 1] = x.type.shape;
    const type = { dtype: x.type.dtype, shape: [sketch.choices.between(0, 2), 5] };
    const regions = sketch.fresh(type, regionNumbers(batch), true);
    const attrs = { pooledHeight: 2, pooledWidth: 1, spatialScale: 1, ...attrsOf(sketch) };
    return { ins: [x, regions], attrs };
  };

/** Operators that resample images. */
export const spatialMakers: Makers = {
  affineGrid: (sketch) => {
    const type = { dtype: sketch.dtype(sketch.floats), shape: [] };
    return { ins: [matrices(sketch, type, sketch.length())], attrs: size(sketch) };
  },
  warpGrid: (sketch) => {
    const accept = ([, channels]: Shape) => channels === 2;
    return { ins: [images(sketch, accept)], attrs: {} };
  },
  BilinearSampler: (sketch) => {
    const x = images(sketch);
    const { dtype, shape } = x.type;
    const { height, width } = size(sketch);
    const grid = { dtype, shape: [shape[0] ?? 1, 2, height, width] };
    return { ins: [x, sketch.like(grid, "unit")], attrs: {} };
  },
  SpatialTransformer: (sketch) => {
    const x = images(sketch);
    return { ins: [x, matrices(sketch, x.type, x.type.shape[0] ?? 1)], attrs: size(sketch) };
  },
  BilinearResize2D: (sketch) => ({
    ins: [images(sketch)],
    attrs: { ...size(sketch), alignCorners: sketch.choices.chance(0.5) },
  }),
  AdaptiveAvgPooling2D: (sketch) => ({ ins: [images(sketch)], attrs: size(sketch) }),
  ROIPooling: inRegions(() => ({})),
  ROIAlign: inRegions(({ choices }) => ({
    sampleRatio: choices.between(0, 2),
    positionSensitive: false,
    aligned: choices.chance(0.5),
  })),
  Correlation: (sketch) => {
    const { choices } = sketch;
    const x = images(sketch);
    const attrs = {
      kernelSize: 1,
      maxDisplacement: 1,
      stride1: choices.between(1, 2),
      stride2: 1,
      padSize: choices.between(1, 2),
      isMultiply: choices.chance(0.6),
    };
    return { ins: [x, sketch.like(x.type)], attrs };
  },
};
