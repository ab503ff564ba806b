import type { Graph } from "./graph.js";
import type { ScalarExpr } from "./scalar.js";

/**
 * What a primitive operator computes, for given argument types: a closed set of kinds. A backend implements kinds, not
 * operators. Arrays are contiguous and row-major; shapes and dtypes come from the node.
 */
export type Kernel =
  | MapKernel
  | ReduceKernel
  | ContractKernel
  | WindowKernel
  | ViewKernel
  | PackKernel
  | IndexKernel
  | OrderKernel
  | LinalgKernel
  | RandomKernel
  | CallKernel;

export type KernelKind = Kernel["kind"];

/** One scalar expression per result element; arguments are broadcast to the result's shape (numpy's rule). */
export interface MapKernel {
  readonly kind: "map";
  readonly expr: ScalarExpr;
}

export type Monoid = "sum" | "prod" | "max" | "min" | "argmax" | "argmin";

/**
 * A monoid over axes. `max`/`min` of NaN are NaN; of nothing -inf/inf. `argmax`/`argmin`: the first, as a position
 * along the (flattened) reduced axes.
 */
export interface ReduceKernel {
  readonly kind: "reduce";
  readonly monoid: Monoid;
  /** Ascending, not negative. */
  readonly axes: readonly number[];
}

/** Batched matrix product: `(batch, m, k) x (batch, k, n)`, either side stored transposed. */
export interface ContractKernel {
  readonly kind: "contract";
  readonly batch: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** How windows lie over the spatial axes. All lists have one entry per spatial axis. */
export interface WindowGeometry {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly dilate: readonly number[];
  readonly padLow: readonly number[];
  readonly padHigh: readonly number[];
}

/**
 * Windows over data in (batch, channel, ...spatial) order; weights are (filters, channels / groups, ...kernel).
 * - `convolve`: data, weight -> result
 * - `convolveData`: head, weight -> data (adjoint of `convolve` in data)
 * - `convolveWeight`: data, head -> weight (adjoint in weight)
 * - `poolSum`: data -> sum of each window; `poolSumAdjoint`: head -> data
 * - `poolMax`: data -> (maximum, int32 position in the flattened spatial axes of the first maximum)
 */
export interface WindowKernel {
  readonly kind: "window";
  readonly form:
    | "convolve"
    | "convolveData"
    | "convolveWeight"
    | "poolSum"
    | "poolSumAdjoint"
    | "poolMax";
  readonly geometry: WindowGeometry;
  readonly groups: number;
}

/**
 * A re-indexing: result element `o` is argument element `offset + sum(strides[i] * o[i])`, counted in elements of the
 * flat argument. Covers reshape (row-major strides), transpose, slice, flip (negative) and broadcast (stride 0).
 */
export interface ViewKernel {
  readonly kind: "view";
  readonly offset: number;
  /** One per axis of the result. */
  readonly strides: readonly number[];
}

/** `concat`: arguments side by side. `pad`: one argument, `interior` cells between neighbours, then borders (may be negative: cuts). */
export type PackKernel =
  | { readonly kind: "pack"; readonly form: "concat"; readonly axis: number }
  | {
      readonly kind: "pack";
      readonly form: "pad";
      readonly low: readonly number[];
      readonly high: readonly number[];
      readonly interior: readonly number[];
      readonly value: number;
    };

/**
 * Gathering and its adjoint, scatter-add. Indices are of any dtype, truncated; `clip` and `wrap` bring them into range.
 * - `take`: data, indices -> data.shape[<axis] + indices.shape + data.shape[>axis]
 * - `takeAdjoint`: head, indices -> data
 * - `takeAlong`: data, indices of the result's shape, which is data's but for `axis`
 * - `takeAlongAdjoint`: head, indices -> data
 * - `gatherNd`: data, indices (M, ...rest) -> rest + data.shape[M:]; `gatherNdAdjoint`: head, indices -> data
 * - `scatterNd`: as `gatherNdAdjoint`, but the last write wins
 */
export interface IndexKernel {
  readonly kind: "index";
  readonly form:
    | "take"
    | "takeAdjoint"
    | "takeAlong"
    | "takeAlongAdjoint"
    | "gatherNd"
    | "gatherNdAdjoint"
    | "scatterNd";
  readonly axis: number;
  /** What indices out of range become: the nearest, the remainder, or an error where they are read. */
  readonly mode: "clip" | "wrap" | "raise";
}

/**
 * Along one axis, in sequence. `sort`: stable, NaN last, results (values, int32 positions). `scan`: running monoid,
 * inclusive, from the end where `reverse`.
 */
export type OrderKernel =
  | {
      readonly kind: "order";
      readonly form: "sort";
      readonly axis: number;
      readonly ascending: boolean;
    }
  | {
      readonly kind: "order";
      readonly form: "scan";
      readonly monoid: "sum" | "prod" | "max" | "min";
      readonly axis: number;
      readonly reverse: boolean;
    };

/**
 * On the last two axes, batched over the others.
 * - `potrf`: A -> lower L with A = L Lᵀ (reads the lower half)
 * - `trsm`: triangular A, B -> X with op(A) X = B, or X op(A) = B where `rightSide`
 * - `inverse`: A -> A⁻¹
 * - `slogdet`: A -> (sign, log |det|)
 * - `gelqf`: A, at least as wide as high -> (Q, L) with A = L Q, the rows of Q orthonormal, L lower triangular
 * - `syevd`: symmetric A (reads the lower half) -> (U, λ), eigenvectors as rows, eigenvalues ascending; the first of the
 *   largest elements of each vector is positive
 */
export type LinalgKernel =
  | {
      readonly kind: "linalg";
      readonly form: "potrf" | "inverse" | "slogdet" | "gelqf" | "syevd";
    }
  | {
      readonly kind: "linalg";
      readonly form: "trsm";
      readonly lower: boolean;
      readonly transpose: boolean;
      readonly rightSide: boolean;
    };

/**
 * state, arrays of parameters -> (sample, next state). A state is float64[1026]: the seed, then how many 32-bit words
 * each of the engines has given: 1024 that share the elements of a sample, and one that draws samples in sequence. Results
 * depend on nothing else.
 * - `uniform`, `normal`, `exponential`, `randint`, `sequence` (uniform over [0, 1), in sequence): parameters are numbers
 * - `gamma`, `poisson`, `negativeBinomial`, `generalizedNegativeBinomial`: arrays of one shape, whose elements serve equal
 *   contiguous parts of the sample; NaN where they make no distribution
 * - `multinomial`: probabilities (rows, K), each row serves an equal part of the sample, in sequence; -1 where it makes no
 *   distribution
 */
export interface RandomKernel {
  readonly kind: "random";
  readonly distribution:
    | "uniform"
    | "normal"
    | "exponential"
    | "randint"
    | "sequence"
    | "gamma"
    | "poisson"
    | "negativeBinomial"
    | "generalizedNegativeBinomial"
    | "multinomial";
  /**
   * uniform: low, high; normal: mean, deviation; exponential: scale; randint: low, high (exclusive). Arrays, in order:
   * gamma: shape, scale; poisson: mean; negativeBinomial: k, p; generalizedNegativeBinomial: mean, dispersion.
   */
  readonly parameters: readonly number[];
}

/**
 * What the body of a loop takes and gives, counted, in order: (states, slices, captured values) to
 * (next states, stacked results, summed results).
 */
export interface LoopLayout {
  readonly states: number;
  readonly slices: number;
  readonly stacked: number;
  /** Whether the states from before each iteration, stacked, are results of the loop. */
  readonly history: boolean;
}

/**
 * Sub-graphs, or a function of the host that whoever runs the plan supplies under `key`. Bodies take their arguments
 * in the order of their inputs, without constants.
 * - `graph`: arguments -> results
 * - `scan`: (count, int32, where `counted`), states, arrays of `length` slices along axis 0, captured values -> last
 *   states, stacked, summed, history. Iterations run over the first `count` slices, from the last of these where
 *   `reverse`; other rows of stacked results are zero.
 * - `while`: states, values captured by the condition, by the body -> last states, stacked, history, count (int32).
 *   Runs while the condition's only result is not zero, at most `length` times; other rows are zero.
 * - `cond`: predicate of one element, arguments of `whenTrue`, of `whenFalse` -> results of the one that runs
 */
export type CallKernel =
  | { readonly kind: "call"; readonly form: "graph"; readonly graph: Graph }
  | { readonly kind: "call"; readonly form: "host"; readonly key: number }
  | {
      readonly kind: "call";
      readonly form: "scan";
      readonly body: Graph;
      readonly layout: LoopLayout;
      readonly length: number;
      readonly reverse: boolean;
      readonly counted: boolean;
    }
  | {
      readonly kind: "call";
      readonly form: "while";
      readonly condition: Graph;
      readonly body: Graph;
      readonly layout: LoopLayout;
      readonly length: number;
    }
  | {
      readonly kind: "call";
      readonly form: "cond";
      readonly whenTrue: Graph;
      readonly whenFalse: Graph;
    };
