import { autograd, NDArray, nd } from "@adjoint/nd";
import type { GoldenCase } from "../goldenCases.js";
import { runCase } from "../goldenRunner.js";

/** What the core subset gives: data that survives JSON, so that a page's can be compared with Node's. */
export interface CoreResults {
  /** Cases run, and what differs from MXNet's numbers, by the name of the case. */
  readonly golden: { readonly cases: number; readonly problems: Readonly<Record<string, string>> };
  /** The introduction's gradient. */
  readonly seed: readonly number[];
  /** Losses of a small network, step by step. */
  readonly losses: readonly number[];
  /** The first words of random engines, as samples. */
  readonly random: Readonly<Record<string, readonly number[]>>;
  /** Arrays after a way through bytes. */
  readonly files: Readonly<Record<string, unknown>>;
}

/** Part of the tests that needs nothing of Node: what the library computes, in whatever engine this runs. */
export function runCoreSubset(cases: readonly GoldenCase[]): CoreResults {
  const problems = cases.flatMap((one) => {
    const [found] = problemsOf(one);
    return found === undefined ? [] : [[one.id, found] as const];
  });
  return {
    golden: { cases: cases.length, problems: Object.fromEntries(problems) },
    seed: seedGradient(),
    losses: trainingLosses(),
    random: randomNumbers(),
    files: throughBytes(),
  };
}

function problemsOf(one: GoldenCase): string[] {
  try {
    return runCase(one);
  } catch (error) {
    return [String(error)];
  }
}

function seedGradient(): number[] {
  const x = nd.arange(4).reshape([4, 1]).attachGrad();
  autograd.record(() => nd.dot(x.T, x).mul(2)).backward();
  return x.grad?.toFlat() ?? [];
}

/** Two layers and dropout learn to tell the quadrants of a plane apart. */
function trainingLosses(): number[] {
  nd.random.seed(7);
  const x = nd.random.normal({ shape: [64, 2] });
  const target = x
    .sliceAxis({ axis: 1, begin: 0, end: 1 })
    .mul(x.sliceAxis({ axis: 1, begin: 1, end: 2 }));
  const labels = target.greater(0).reshape([64]);
  const params = [
    nd.random.normal({ scale: 0.5, shape: [2, 16] }),
    nd.zeros([16]),
    nd.random.normal({ scale: 0.5, shape: [16, 2] }),
    nd.zeros([2]),
  ].map((one) => one.attachGrad());
  const [w1, b1, w2, b2] = params;
  if (!(w1 && b1 && w2 && b2)) throw new Error("four parameters");
  return Array.from({ length: 20 }, () => {
    const loss = autograd.record(() => {
      const h = nd.Dropout(nd.relu(nd.dot(x, w1).add(b1)), { p: 0.1 });
      return nd.pick(nd.dot(h, w2).add(b2).logSoftmax(), labels).mean().neg();
    });
    loss.backward();
    for (const param of params) {
      if (param.grad !== null) nd.sgdUpdate(param, param.grad, { lr: 0.5, out: param });
    }
    return loss.asScalar();
  });
}

function randomNumbers(): Record<string, number[]> {
  nd.random.seed(42);
  const shape = [5];
  return {
    uniform: nd.random.uniform({ shape }).toFlat(),
    normal: nd.random.normal({ shape }).toFlat(),
    gamma: nd.random.gamma({ alpha: 2, shape }).toFlat(),
    poisson: nd.random.poisson({ lam: 3, shape }).toFlat(),
    randint: nd.random.randint(0, 100, { shape }).toFlat(),
  };
}

function throughBytes(): Record<string, unknown> {
  const arrays = {
    w: nd.array([
      [1, -2],
      [0.5, Number.POSITIVE_INFINITY],
    ]),
    n: nd.array([1, 2, 3], { dtype: "int64" }),
  };
  const back = nd.decodeArrays(nd.encodeArrays(arrays));
  const npy = nd.decodeNpy(nd.encodeNpy(arrays.w));
  return Object.fromEntries(
    [...Object.entries(back), ["npy", npy] as const].map(([name, array]) => [
      name,
      array instanceof NDArray
        ? { dtype: array.dtype, shape: array.shape, text: String(array) }
        : null,
    ]),
  );
}
