import type { Value } from "@adjoint/graph";
import { nth } from "@adjoint/ops";
import {
  again,
  type BatchedCall,
  type BatchRule,
  batches,
  emit,
  isBatched,
  mergeAxes,
  moveAxis,
  noRule,
  splitAxis,
  valueAt,
} from "./batchedCall.js";

function flag({ attrs }: BatchedCall, name: string): boolean {
  return attrs[name] === true;
}

function product(call: BatchedCall, a: Value, b: Value, transposeA: boolean, transposeB: boolean) {
  return nth("dot", emit(call, "dot", [a, b], { transposeA, transposeB }), 0);
}

/**
 * One product of matrices per example. Where only one side is batched, its examples lie below each other as rows of one
 * large matrix, so that there is one product.
 */
function dotRule(call: BatchedCall): readonly Value[] {
  const [transposeA, transposeB] = [flag(call, "transposeA"), flag(call, "transposeB")];
  const [a, b] = [valueAt(call, 0), valueAt(call, 1)];
  if (isBatched(call, 0) && isBatched(call, 1)) {
    return emit(call, "batchDot", [a, b], { transposeA, transposeB });
  }
  if (isBatched(call, 0)) {
    const rows = mergeAxes(transposeA ? moveAxis(a, 1, 2) : a, 0);
    return [splitAxis(product(call, rows, b, false, transposeB), 0, call.size)];
  }
  // op(a) op(b), transposed, is op(b)ᵀ op(a)ᵀ: the batched side comes first again.
  const rows = mergeAxes(transposeB ? b : moveAxis(b, 1, 2), 0);
  const columns = splitAxis(product(call, rows, a, false, !transposeA), 0, call.size);
  return [moveAxis(columns, 1, 2)];
}

/** Batches of batches: one longer batch. */
function batchDotRule(call: BatchedCall): readonly Value[] {
  const [a, b] = batches(call).map((value) => mergeAxes(value, 0));
  if (a === undefined || b === undefined) throw new Error("batchDot: no arguments");
  return again(call, [a, b]).map((value) => splitAxis(value, 0, call.size));
}

/** Products of matrices, by operator. */
const products: Readonly<Record<string, BatchRule>> = { dot: dotRule, batchDot: batchDotRule };

export const contractRule: BatchRule = (call) => {
  const rule = products[call.op.name];
  if (rule !== undefined) return rule(call);
  throw noRule(call, `a product other than ${Object.keys(products).join(", ")}`);
};
