import { type HostArray, symmetricNumbers } from "./inputs.js";

/** What an iteration computed, in few numbers. */
export interface Check {
  /** Missing where the workload has no scalar loss. */
  readonly loss?: number;
  /** Of each gradient its Euclidean norm, and its inner product with a fixed direction. */
  readonly gradients: readonly (readonly [norm: number, projection: number])[];
  /** The loss in the fifth step of training. */
  readonly fifthLoss?: number;
}

/** Norms and projections of gradients, in double precision. */
export function summarize(gradients: readonly HostArray["data"][]): Check["gradients"] {
  return gradients.map((gradient, at) => {
    const direction = symmetricNumbers(9001 + at, 1, [gradient.length]).data;
    let [square, projection] = [0, 0];
    for (const [place, value] of gradient.entries()) {
      square += value * value;
      projection += value * (direction[place] ?? 0);
    }
    return [Math.sqrt(square), projection];
  });
}

const lossTolerance = 1e-4;
const gradientTolerance = 2e-3;
/** Gradients much smaller than the largest one are compared on its scale. */
const scaleFloor = 1e-3;

/** What differs from the numbers of double precision; undefined where nothing does. */
export function differenceOf(received: Check, expected: Check): string | undefined {
  for (const name of ["loss", "fifthLoss"] as const) {
    const [have, want] = [received[name], expected[name]];
    if (want === undefined) continue;
    const near = have !== undefined && Math.abs(have - want) <= lossTolerance * Math.abs(want);
    if (!near) return `${name}: received ${have}, expected ${want}`;
  }
  if (received.gradients.length !== expected.gradients.length) {
    return `${received.gradients.length} gradients, expected ${expected.gradients.length}`;
  }
  const largest = Math.max(0, ...expected.gradients.map(([norm]) => norm));
  for (const [at, [norm, projection]] of expected.gradients.entries()) {
    const allowed = gradientTolerance * Math.max(norm, scaleFloor * largest);
    const [haveNorm, haveProjection] = received.gradients[at] ?? [Number.NaN, Number.NaN];
    const near =
      Math.abs(haveNorm - norm) <= allowed && Math.abs(haveProjection - projection) <= allowed;
    if (!near) {
      return `gradient ${at}: received ${haveNorm}, ${haveProjection}, expected ${norm}, ${projection}`;
    }
  }
  return undefined;
}
