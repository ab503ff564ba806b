import type { NDArray } from "@adjoint/nd";
import type { GoldenCall } from "../goldenCases.js";
import { argumentOf, type ArrayProblem, type Elements } from "./problem.js";

/** All positions of an array of this shape, row by row. */
function* positions(shape: readonly number[]): Generator<readonly number[]> {
  const [length, ...rest] = shape;
  if (length === undefined) yield [];
  else
    for (let at = 0; at < length; at++) for (const behind of positions(rest)) yield [at, ...behind];
}

function offset(index: readonly number[], shape: readonly number[]): number {
  return index.reduce((sum, at, axis) => sum * (shape[axis] ?? 1) + at, 0);
}

function perAxis(
  call: GoldenCall,
  name: string,
  rank: number,
  fallback: number,
): readonly number[] {
  const given = call.attrs[name];
  const list: readonly unknown[] = Array.isArray(given) ? given : [];
  return Array.from({ length: rank }, (_, axis) => Number(list[axis] ?? fallback));
}

/** The definition: each cell of the data adds the kernel, times itself, around its place in the result. */
function deconvolve(call: GoldenCall, data: NDArray, weight: NDArray, shape: readonly number[]) {
  const [x, w] = [data.toFlat(), weight.toFlat()];
  const { length: rank } = shape.slice(2);
  const groups = Number(call.attrs.num_group ?? 1);
  const [filters = 1, ...kernel] = weight.shape.slice(1);
  const [stride, dilate, pad] = (["stride", "dilate", "pad"] as const).map((name) =>
    perAxis(call, name, rank, name === "pad" ? 0 : 1),
  );
  const perGroup = (data.shape[1] ?? 1) / groups;
  const y = new Array<number>(shape.reduce((a, b) => a * b, 1)).fill(0);
  for (const [image = 0, channel = 0, ...cell] of positions(data.shape)) {
    const value = x[offset([image, channel, ...cell], data.shape)] ?? 0;
    const first = Math.floor(channel / perGroup) * filters;
    for (const [filter = 0, ...tap] of positions([filters, ...kernel])) {
      const at = cell.map(
        (c, axis) =>
          c * (stride?.[axis] ?? 1) + (tap[axis] ?? 0) * (dilate?.[axis] ?? 1) - (pad?.[axis] ?? 0),
      );
      if (at.some((c, axis) => c < 0 || c >= (shape[axis + 2] ?? 0))) continue;
      const place = offset([image, first + filter, ...at], shape);
      y[place] =
        (y[place] ?? 0) + value * (w[offset([channel, filter, ...tap], weight.shape)] ?? 0);
    }
  }
  return y;
}

/** Whether these are the numbers of the definition, cut off as `pad` says. */
export function isDeconvolution(
  { want, one }: ArrayProblem,
  { have, want: mxnets, differing, arrays }: Elements,
  call: GoldenCall,
  whose: "ours" | "theirs",
): boolean {
  const [data, weight] = [argumentOf(call, 0, arrays), argumentOf(call, 1, arrays)];
  const bias = call.args.length > 2 ? argumentOf(call, 2, arrays).toFlat() : [];
  const right = deconvolve(call, data, weight, want.shape);
  const [, channels = 1, ...spatial] = want.shape;
  const cells = spatial.reduce((a, b) => a * b, 1);
  return differing.every((at) => {
    const value = (right[at] ?? 0) + (bias[Math.floor(at / cells) % channels] ?? 0);
    const number = (whose === "ours" ? have : mxnets)[at] ?? Number.NaN;
    return Math.abs(number - value) <= one.tol.atol + one.tol.rtol * Math.abs(value);
  });
}
