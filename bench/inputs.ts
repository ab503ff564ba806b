/**
 * The inputs of every workload, for all contenders the same to the bit: a linear congruential generator per array,
 * seeded with `seed * 2654435761` modulo 2^32. `peers/python/inputs.py` is its twin.
 */

/** Row-major numbers and their shape. */
export interface HostArray {
  readonly data: Float32Array | Int32Array;
  readonly shape: readonly number[];
}

const unit = 2 ** 24;

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** The upper 24 bits of `count` successive states, times 2^-24. */
function* units(seed: number, count: number): Generator<number> {
  let state = Math.imul(seed, 2654435761 | 0) >>> 0;
  for (let at = 0; at < count; at++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield (state >>> 8) / unit;
  }
}

/** Numbers in [0, 1), exact in float32. */
export function unitNumbers(seed: number, shape: readonly number[]): HostArray {
  return { data: Float32Array.from(units(seed, sizeOf(shape))), shape };
}

/** Numbers in [-scale, scale), rounded to float32 after the product in double precision. */
export function symmetricNumbers(seed: number, scale: number, shape: readonly number[]): HostArray {
  const data = Float32Array.from(units(seed, sizeOf(shape)), (one) => (2 * one - 1) * scale);
  return { data, shape };
}

/** Class numbers from 0 to 9. */
export function labels(seed: number, count: number): HostArray {
  return { data: Int32Array.from(units(seed, count), (one) => one * 10), shape: [count] };
}

function filled(value: number, shape: readonly number[]): HostArray {
  return { data: new Float32Array(sizeOf(shape)).fill(value), shape };
}

const zeros = (...shape: number[]) => filled(0, shape);
const ones = (...shape: number[]) => filled(1, shape);

/** A batch with its labels, and the parameters of a model. */
export interface Classification {
  readonly x: HostArray;
  readonly y: HostArray;
  readonly params: readonly HostArray[];
}

/** Weights (in, out) and biases of dense layers with the given widths. */
function denseLayers(widths: readonly number[], seed: number): HostArray[] {
  return widths.slice(1).flatMap((out, layer) => {
    const fanIn = widths[layer] ?? 0;
    return [symmetricNumbers(seed + layer, 1 / Math.sqrt(fanIn), [fanIn, out]), zeros(out)];
  });
}

export function mlpInputs(widths: readonly number[], batch: number, seed: number): Classification {
  return {
    x: unitNumbers(seed + 1, [batch, widths[0] ?? 0]),
    y: labels(seed + 2, batch),
    params: denseLayers(widths, seed + 10),
  };
}

export const smallMlpInputs = () => mlpInputs([784, 256, 128, 10], 64, 300);
export const largeMlpInputs = () => mlpInputs([784, 1024, 1024, 10], 256, 330);

/** The direction of a Hessian-vector product, one array per parameter. */
export function directionLike(params: readonly HostArray[]): HostArray[] {
  return params.map(({ shape }, at) => symmetricNumbers(901 + at, 1, shape));
}

/** Images (N, C, H, W); convolutions (out, in, height, width), dense layers (in, out). */
export function lenetInputs(): Classification {
  const convolutions = [
    [6, 1, 5, 5],
    [16, 6, 5, 5],
  ].flatMap((shape, layer) => {
    const [out = 0, ...taps] = shape;
    return [symmetricNumbers(410 + layer, 1 / Math.sqrt(sizeOf(taps)), shape), zeros(out)];
  });
  return {
    x: unitNumbers(401, [64, 1, 28, 28]),
    y: labels(402, 64),
    params: [...convolutions, ...denseLayers([400, 120, 84, 10], 412)],
  };
}

/** Images, a 3 x 3 kernel, a bias. */
export function convolutionInputs(): [x: HostArray, kernel: HostArray, bias: HostArray] {
  return [
    symmetricNumbers(451, 1, [8, 32, 28, 28]),
    symmetricNumbers(452, 1 / Math.sqrt(288), [64, 32, 3, 3]),
    symmetricNumbers(453, 0.1, [64]),
  ];
}

/** Sizes of the transformer block: batch, sequence, width, heads, inner width. */
export const transformer = { batch: 8, sequence: 64, width: 128, heads: 4, inner: 512 };

/** The names of the block's parameters, in order. */
export const transformerNames = [
  ...["gain1", "shift1", "wq", "bq", "wk", "bk", "wv", "bv", "wo", "bo"],
  ...["gain2", "shift2", "w1", "b1", "w2", "b2"],
];

export function transformerInputs(): {
  readonly x: HostArray;
  readonly target: HostArray;
  readonly params: readonly HostArray[];
} {
  const { batch, sequence, width, inner } = transformer;
  const square = [width, width];
  const scale = 1 / Math.sqrt(width);
  return {
    x: symmetricNumbers(501, 1, [batch, sequence, width]),
    target: symmetricNumbers(502, 1, [batch, sequence, width]),
    params: [
      ...[ones(width), zeros(width)],
      ...[510, 511, 512, 513].flatMap((seed) => [
        symmetricNumbers(seed, scale, square),
        zeros(width),
      ]),
      ...[ones(width), zeros(width)],
      ...[symmetricNumbers(514, scale, [width, inner]), zeros(inner)],
      ...[symmetricNumbers(515, 1 / Math.sqrt(inner), [inner, width]), zeros(width)],
    ],
  };
}

export function elementwiseInputs(size = 1_000_000): HostArray[] {
  return [601, 602, 603, 604, 605].map((seed) => symmetricNumbers(seed, 1, [size]));
}

export function productInputs(size: number): [a: HostArray, b: HostArray] {
  return [symmetricNumbers(701, 1, [size, size]), symmetricNumbers(702, 1, [size, size])];
}

export function recurrenceInputs(): [w: HostArray, b: HostArray, h: HostArray] {
  return [
    symmetricNumbers(801, 0.5, [8, 8]),
    symmetricNumbers(802, 0.5, [8, 1]),
    symmetricNumbers(803, 0.5, [8, 1]),
  ];
}

export const rosenbrockInputs = () => symmetricNumbers(851, 1, [10]);
export const controlFlowInputs = () => symmetricNumbers(201, 1, [1000]);
export const seedInputs = (): HostArray => ({ data: Float32Array.of(0, 1, 2, 3), shape: [4, 1] });
