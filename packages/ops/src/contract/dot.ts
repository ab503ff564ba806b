import { formatShape, type Operand, type Shape, ShapeError, tensorType } from "@adjoint/graph";
import { applyOne, defineOp, headOf, nth } from "../core/define.js";
import { readOptions } from "../core/options.js";
import { sameDType } from "../core/shapes.js";
import { reshape } from "../view/reshape.js";
import { transpose } from "../view/transpose.js";

export type DotAttrs = { transposeA: boolean; transposeB: boolean };
export interface DotOptions {
  /** Contract the first axis of a instead of its last. */
  transposeA: boolean;
  /** Contract the last axis of b instead of its first. */
  transposeB: boolean;
}

const dotDefaults: DotOptions = { transposeA: false, transposeB: false };

/** Rows, inner size and columns of op(a) op(b). */
function sizes(
  a: Shape,
  b: Shape,
  { transposeA, transposeB }: DotAttrs,
): [number, number, number, number] {
  const [rows, inner] = transposeA ? [a[1], a[0]] : [a[0], a[1]];
  const [innerB, columns] = transposeB ? [b[1], b[0]] : [b[0], b[1]];
  return [rows ?? 0, inner ?? 0, innerB ?? 0, columns ?? 0];
}

export const dotOp = defineOp<DotAttrs>({
  name: "dot",
  arity: 2,
  attrs: { transposeA: "bool", transposeB: "bool" },
  infer(ins, attrs) {
    const [a, b] = [nth("dot", ins, 0).shape, nth("dot", ins, 1).shape];
    const [m, k, inner, n] = sizes(a, b, attrs);
    if (a.length !== 2 || b.length !== 2 || k !== inner) {
      throw new ShapeError({
        op: "dot",
        problem: a.length !== 2 || b.length !== 2 ? "not two matrices" : "inner sizes differ",
        received: `${formatShape(a)} x ${formatShape(b)}${flags(attrs)}`,
        allowed: "(m, k) x (k, n)",
      });
    }
    return [tensorType(sameDType("dot", ins), [m, n])];
  },
  // With C = A B: dA = dC Bᵀ, dB = Aᵀ dC (Magnus & Neudecker); transposed operands exchange the roles.
  vjp: {
    rule({ ins, heads, attrs: { transposeA, transposeB } }) {
      const [a, b, head] = [nth("dot", ins, 0), nth("dot", ins, 1), headOf(heads)];
      return [
        transposeA ? matmul(b, head, transposeB, true) : matmul(head, b, false, !transposeB),
        transposeB ? matmul(head, a, true, transposeA) : matmul(a, head, !transposeA, false),
      ];
    },
  },
  kernel(ins, attrs) {
    const [m, k, , n] = sizes(nth("dot", ins, 0).shape, nth("dot", ins, 1).shape, attrs);
    return { kind: "contract", batch: 1, m, n, k, ...attrs };
  },
  docs: "Matrix product `op(a) op(b)` of two matrices.",
});

function flags({ transposeA, transposeB }: DotAttrs): string {
  const set = [...(transposeA ? ["transposeA"] : []), ...(transposeB ? ["transposeB"] : [])];
  return set.length === 0 ? "" : ` with ${set.join(", ")}`;
}

/** Product of two matrices, either transposed. */
export function matmul<T extends Operand<T>>(
  a: T,
  b: T,
  transposeA = false,
  transposeB = false,
): T {
  return applyOne(dotOp, [a, b], { transposeA, transposeB });
}

/**
 * Product over the last axis of a and the first of b; `(1,)` for two vectors.
 *
 * @param a shape (...rows, k)
 * @param b shape (k, ...columns)
 * @returns shape (...rows, ...columns)
 * @throws ShapeError if the inner sizes differ
 * @example
 * ```ts
 * nd.dot(nd.ones([2, 3]), nd.ones([3, 4])).shape; // [2, 4]
 * ```
 */
export function dot<T extends Operand<T>>(a: T, b: T, options?: Partial<DotOptions>): T {
  const { transposeA, transposeB } = readOptions("dot", options, dotDefaults);
  const [left, right] = [a.type.shape, b.type.shape];
  if (left.length === 2 && right.length === 2) return matmul(a, b, transposeA, transposeB);
  return dotOfAnyRank(transposeA ? transpose(a) : a, transposeB ? transpose(b) : b);
}

/** Flattens to matrices around the contracted axis. */
function dotOfAnyRank<T extends Operand<T>>(a: T, b: T): T {
  const [left, right] = [a.type.shape, b.type.shape];
  const inner = left.at(-1);
  if (inner === undefined || right.length === 0 || inner !== right[0]) {
    throw new ShapeError({
      op: "dot",
      problem: "inner sizes differ",
      received: `${formatShape(left)} x ${formatShape(right)}`,
      allowed: "last axis of the first = first axis of the second",
    });
  }
  const [rows, columns] = [left.slice(0, -1), right.slice(1)];
  const count = (shape: Shape) => shape.reduce((product, length) => product * length, 1);
  const product = matmul(reshape(a, [count(rows), inner]), reshape(b, [inner, count(columns)]));
  const shape = [...rows, ...columns];
  return reshape(product, shape.length === 0 ? [1] : shape);
}
