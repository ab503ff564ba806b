import type { Value } from "@adjoint/graph";

/** Which of the two matrices are stored transposed. */
export type ProductFlags = { transposeA: boolean; transposeB: boolean };

/** A matrix product, or a batch of them. */
export type Product = (a: Value, b: Value, transposeA: boolean, transposeB: boolean) => Value;

/**
 * Gradients of C = op(A) op(B). Untransposed: dA = dC Bᵀ, dB = Aᵀ dC (M. Giles, Collected matrix derivative results for
 * forward and reverse mode algorithmic differentiation, 2008); transposed operands exchange the roles.
 */
export function productGradients(
  product: Product,
  a: Value,
  b: Value,
  head: Value,
  { transposeA, transposeB }: ProductFlags,
): readonly [Value, Value] {
  return [
    transposeA ? product(b, head, transposeB, true) : product(head, b, false, !transposeB),
    transposeB ? product(head, a, true, transposeA) : product(a, head, !transposeA, false),
  ];
}

/** The flags that are set, for error messages. */
export function formatFlags({ transposeA, transposeB }: ProductFlags): string {
  const set = [...(transposeA ? ["transposeA"] : []), ...(transposeB ? ["transposeB"] : [])];
  return set.length === 0 ? "" : ` with ${set.join(", ")}`;
}
