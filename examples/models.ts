/**
 * Small programs to look at: docs/dump.md and docs/gallery.md show their graphs. Run `npx adjoint dump models.ts#mlp --help`.
 */
import { type NDArray, nd } from "adjoint";

/** The first example of MXNet's introduction: twice the inner product of a column with itself. */
export default function product(x: NDArray): NDArray {
  return nd.dot(x.T, x).mul(2);
}

/** One factor counts as a constant to differentiation. */
export function detached(x: NDArray): NDArray {
  const u = x.mul(x).detach();
  return u.mul(x).sum();
}

/** Doubles until the norm is large; then the sign of the sum decides. */
export function control(a: NDArray): NDArray {
  let b = a.mul(2);
  while (b.norm().asScalar() < 100) b = b.mul(2);
  if (b.sum().asScalar() > 0) return b;
  return b.mul(100);
}

/** Two layers and a loss, each in a scope of its own. */
export function mlp(x: NDArray, w1: NDArray, w2: NDArray, label: NDArray): NDArray {
  const hidden = nd.nameScope("hidden", () => nd.relu(nd.dot(x, w1)));
  const scores = nd.nameScope("scores", () => nd.dot(hidden, w2));
  return nd.nameScope("loss", () => nd.softmaxCrossEntropy(scores, label));
}

/** Scaled dot-product attention of one head, with a residual. */
export function attention(x: NDArray, wq: NDArray, wk: NDArray, wv: NDArray): NDArray {
  const [q, k, v] = nd.nameScope("projections", () => [x.dot(wq), x.dot(wk), x.dot(wv)] as const);
  const weights = nd.nameScope("weights", () => {
    const scores = nd.dot(q, k, { transposeB: true }).div(Math.sqrt(q.shape[1] ?? 1));
    return nd.softmax(scores);
  });
  return nd.nameScope("mix", () => nd.dot(weights, v).add(x));
}

/** Is not a number where an element is negative. */
export function distance(x: NDArray): NDArray {
  return nd.sqrt(x).sum();
}
