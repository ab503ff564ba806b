import type { Shape } from "@adjoint/graph";
import { type Given, near } from "./support.js";

/** Image, channel, row, column. */
export type Position = readonly [n: number, c: number, y: number, x: number];

/** The element of a (.., .., .., ..) array; 0 outside of it. */
export function at({ data, shape }: Given, [n, c, y, x]: Position): number {
  const [, channels = 0, height = 0, width = 0] = shape;
  if (y < 0 || y >= height || x < 0 || x >= width) return 0;
  return data[((n * channels + c) * height + y) * width + x] ?? Number.NaN;
}

/** All positions of a shape of four axes, mapped, in order. */
export function each(shape: Shape, value: (...position: Position) => number): number[] {
  const [batch = 0, channels = 0, height = 0, width = 0] = shape;
  const result: number[] = [];
  for (let n = 0; n < batch; n++) {
    for (let c = 0; c < channels; c++) {
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) result.push(value(n, c, y, x));
      }
    }
  }
  return result;
}

/** Bilinear between pixels, 0 outside of the image. */
export function bilinear(data: Given, n: number, c: number, y: number, x: number): number {
  const [top, left] = [Math.floor(y), Math.floor(x)];
  const row = (line: number) =>
    at(data, [n, c, line, left]) * (1 - (x - left)) + at(data, [n, c, line, left + 1]) * (x - left);
  return row(top) * (1 - (y - top)) + row(top + 1) * (y - top);
}

export function expectValues(result: Given, shape: Shape, values: readonly number[]): void {
  expect(result.shape).toEqual(shape);
  expect(result.data).toEqual(values.map((value) => near(value)));
}
