import { formatShape, type Operand, type Shape, ShapeError } from "@adjoint/graph";
import { stackedMatmul } from "../contract/batchDot.js";
import { checkOperands } from "../core/define.js";
import { checkInteger, readOptions } from "../core/options.js";
import { sameDType } from "../core/shapes.js";
import { reshape } from "../view/reshape.js";
import { sliceAlong } from "../view/slice.js";
import { transposeAxes } from "../view/transpose.js";
import { divSqrtDim } from "./divSqrtDim.js";

export interface HeadsOption {
  /** Number of attention heads. */
  heads: number;
}

function readHeads(op: string, options: HeadsOption): number {
  const { heads } = readOptions<{ heads: unknown }>(op, options, { heads: undefined });
  return checkInteger(op, "heads", heads, 1);
}

function refuse(op: string, received: string, allowed: string): ShapeError {
  return new ShapeError({ op, problem: "shapes do not fit", received, allowed });
}

/**
 * Part `part` of `parts` interleaved projections, (length, batch, heads * parts * width), as one
 * matrix per head: (batch * heads, length, width).
 */
function projection<T extends Operand<T>>(
  op: string,
  x: T,
  { heads, parts, part }: { heads: number; parts: number; part: number },
): T {
  const [length, batch, wide, ...rest] = x.type.shape;
  const width = (wide ?? 0) / (heads * parts);
  if (length === undefined || batch === undefined || wide === undefined || rest.length > 0) {
    throw refuse(op, formatShape(x.type.shape), "(length, batch, channels)");
  }
  if (!Number.isInteger(width)) {
    const allowed = `a multiple of ${heads * parts} channels`;
    throw refuse(op, `${formatShape(x.type.shape)} for ${heads} heads`, allowed);
  }
  const split = reshape(x, [length, batch, heads, parts, width]);
  const chosen = reshape(sliceAlong(split, 3, part, 1), [length, batch, heads, width]);
  return reshape(transposeAxes(chosen, [1, 2, 0, 3]), [batch * heads, length, width]);
}

/** Undoes `projection` for a single part: (batch * heads, length, width) to (length, batch, channels). */
function merged<T extends Operand<T>>(x: T, batch: number, heads: number): T {
  const [, length = 0, width = 0] = x.type.shape;
  const split = reshape(x, [batch, heads, length, width]);
  return reshape(transposeAxes(split, [2, 0, 1, 3]), [length, batch, heads * width]);
}

/** Weighted sums of the values: (batch * heads, queries, keys) times (batch * heads, keys, width). */
function weighted<T extends Operand<T>>(op: string, attention: T, values: T, batch: Shape): T {
  const [matrices = 0, keys = 0] = values.type.shape;
  const [maps, , weights, ...rest] = attention.type.shape;
  if (maps !== matrices || weights !== keys || rest.length > 0) {
    const allowed = `(${matrices}, queries, ${keys}) for ${formatShape(batch)}`;
    throw refuse(op, formatShape(attention.type.shape), allowed);
  }
  return stackedMatmul(attention, values);
}

/**
 * Products of queries with keys for self attention, from interleaved projections.
 *
 * @param projections shape (length, batch, heads * 3 * width), query, key and value of each head
 *   side by side
 * @param options.heads number of heads
 * @returns shape (batch * heads, length, length): `q kᵀ / sqrt(width)`, a row per query
 * @throws ShapeError if the shape does not fit; AttributeError unless `heads` is at least 1
 * @derivative that of the products, to the queries and keys; 0 to the values
 * @edges any floating point dtype; MXNet has float32 only
 * @example
 * ```ts
 * const projections = nd.array([[[1, 2, 9]], [[3, 4, 9]]]);
 * nd.contrib.interleavedMatmulSelfattQk(projections, { heads: 1 }); // [[[ 2.  4.] [ 6. 12.]]]
 * ```
 */
export function interleavedMatmulSelfattQk<T extends Operand<T>>(
  projections: T,
  options: HeadsOption,
): T {
  const op = "contrib.interleavedMatmulSelfattQk";
  checkOperands(op, [projections]);
  const heads = readHeads(op, options);
  const queries = projection(op, projections, { heads, parts: 3, part: 0 });
  const keys = projection(op, projections, { heads, parts: 3, part: 1 });
  return stackedMatmul(divSqrtDim(queries), keys, false, true);
}

/**
 * Values weighted by self attention, from interleaved projections.
 *
 * @param projections shape (length, batch, heads * 3 * width), query, key and value of each head
 *   side by side
 * @param attention shape (batch * heads, length, length), a row of weights per query
 * @param options.heads number of heads
 * @returns shape (length, batch, heads * width)
 * @throws ShapeError if the shapes do not fit; DTypeError if the dtypes differ; AttributeError
 *   unless `heads` is at least 1
 * @derivative that of the products, to the values and the attention; 0 to queries and keys
 * @edges any floating point dtype; MXNet has float32 only
 * @example
 * ```ts
 * const projections = nd.array([[[9, 9, 1]], [[9, 9, 3]]]);
 * const attention = nd.array([[[0.5, 0.5], [0, 1]]]);
 * nd.contrib.interleavedMatmulSelfattValatt(projections, attention, { heads: 1 }); // [[[2.]] [[3.]]]
 * ```
 */
export function interleavedMatmulSelfattValatt<T extends Operand<T>>(
  projections: T,
  attention: T,
  options: HeadsOption,
): T {
  const op = "contrib.interleavedMatmulSelfattValatt";
  return attended(op, projections, attention, { heads: readHeads(op, options), parts: 3 });
}

/**
 * Products of queries with keys for attention between an encoder and a decoder.
 *
 * @param queries shape (queries, batch, heads * width)
 * @param projections shape (keys, batch, heads * 2 * width), key and value of each head side by
 *   side
 * @param options.heads number of heads
 * @returns shape (batch * heads, queries, keys): `q kᵀ / sqrt(width)`, a row per query
 * @throws ShapeError if the shapes do not fit; DTypeError if the dtypes differ; AttributeError
 *   unless `heads` is at least 1
 * @derivative that of the products, to the queries and keys; 0 to the values
 * @edges any floating point dtype; MXNet has float32 only
 * @example
 * ```ts
 * const [queries, projections] = [nd.array([[[2]]]), nd.array([[[3, 9]], [[5, 9]]])];
 * nd.contrib.interleavedMatmulEncdecQk(queries, projections, { heads: 1 }); // [[[ 6. 10.]]]
 * ```
 */
export function interleavedMatmulEncdecQk<T extends Operand<T>>(
  queries: T,
  projections: T,
  options: HeadsOption,
): T {
  const op = "contrib.interleavedMatmulEncdecQk";
  checkOperands(op, [queries, projections]);
  sameDType(op, [queries.type, projections.type]);
  const heads = readHeads(op, options);
  const left = projection(op, queries, { heads, parts: 1, part: 0 });
  const right = projection(op, projections, { heads, parts: 2, part: 0 });
  if (left.type.shape[0] !== right.type.shape[0] || left.type.shape[2] !== right.type.shape[2]) {
    const shapes = `${formatShape(queries.type.shape)} and ${formatShape(projections.type.shape)}`;
    throw refuse(op, shapes, "equal batches, and twice the channels in the projections");
  }
  return stackedMatmul(divSqrtDim(left), right, false, true);
}

/**
 * Values weighted by attention between an encoder and a decoder.
 *
 * @param projections shape (keys, batch, heads * 2 * width), key and value of each head side by
 *   side
 * @param attention shape (batch * heads, queries, keys), a row of weights per query
 * @param options.heads number of heads
 * @returns shape (queries, batch, heads * width)
 * @throws ShapeError if the shapes do not fit; DTypeError if the dtypes differ; AttributeError
 *   unless `heads` is at least 1
 * @derivative that of the products, to the values and the attention; 0 to the keys
 * @edges any floating point dtype; MXNet has float32 only
 * @example
 * ```ts
 * const projections = nd.array([[[9, 1]], [[9, 3]]]);
 * const attention = nd.array([[[0.5, 0.5]]]);
 * nd.contrib.interleavedMatmulEncdecValatt(projections, attention, { heads: 1 }); // [[[2.]]]
 * ```
 */
export function interleavedMatmulEncdecValatt<T extends Operand<T>>(
  projections: T,
  attention: T,
  options: HeadsOption,
): T {
  const op = "contrib.interleavedMatmulEncdecValatt";
  return attended(op, projections, attention, { heads: readHeads(op, options), parts: 2 });
}

/** The last part of interleaved projections, weighted by attention, as one row per query. */
function attended<T extends Operand<T>>(
  op: string,
  projections: T,
  attention: T,
  { heads, parts }: { heads: number; parts: number },
): T {
  checkOperands(op, [projections, attention]);
  sameDType(op, [projections.type, attention.type]);
  const values = projection(op, projections, { heads, parts, part: parts - 1 });
  const [, batch = 0] = projections.type.shape;
  return merged(weighted(op, attention, values, projections.type.shape), batch, heads);
}
