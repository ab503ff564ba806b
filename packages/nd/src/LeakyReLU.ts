import { AttributeError } from "@adjoint/graph";
import { fronts, readOptions, sequenceSample } from "@adjoint/ops";
import type { LeakyReLUOptions } from "@adjoint/ops/fronts";
import { NDArray } from "./array/ndarray.js";
import { keepRandomState } from "./control/tracedBody.js";
import { checkArray } from "./recording/recorder.js";
import { session } from "./session.js";

/**
 * A rectifier that lets something through below 0.
 *
 * - `leaky`: `slope * x`; `prelu`: `gamma * x`, with `gamma` along axis 1
 * - `rrelu`: in training mode each element has a slope of its own, drawn from between both bounds;
 *   else their mean
 * - `elu`: `slope * (e**x - 1)`; `selu`: the same with fixed constants; `gelu`: `x * Phi(x)`
 *
 * @param x any shape and dtype; (batch, channels, ...) where gamma has one slope per channel
 * @param gamma slopes of `prelu`, shape (1,) or (channels,); for the other functions there is none
 * @returns x's shape and dtype; MXNet gives the slopes of `rrelu` as a second result, which are left
 *   out here
 * @throws AttributeError for an unknown `actType`, or bounds of `rrelu` that are not finite or not in
 *   order; ArgumentError for a missing or superfluous gamma; ShapeError for a gamma that does not fit
 * @derivative at 0 that from below; through `rrelu` by the slopes that were drawn; `selu` by its true
 *   derivative, where MXNet's is wrong
 * @edges NaN stays; at NaN the gradient of `leaky` and `rrelu` is the slope
 * @edges `gelu` is NaN at -inf, where the formula is -inf times 0
 * @example
 * ```ts
 * nd.LeakyReLU(nd.array([-4, 2]), { actType: "leaky", slope: 0.5 }); // [-2.  2.]
 * nd.LeakyReLU(nd.array([-4, 2]), nd.array([0.1]), { actType: "prelu" }); // [-0.4  2. ]
 * autograd.trainMode(() => nd.LeakyReLU(nd.array([-4, -4, 2]), { actType: "rrelu" }));
 * // [-0.9588081 -0.9956181  2.       ]
 * ```
 */
export function LeakyReLU(x: NDArray, gamma: NDArray, options: Partial<LeakyReLUOptions>): NDArray;
export function LeakyReLU(x: NDArray, options?: Partial<LeakyReLUOptions>): NDArray;
export function LeakyReLU(
  x: NDArray,
  second?: NDArray | Partial<LeakyReLUOptions>,
  third?: Partial<LeakyReLUOptions>,
): NDArray {
  if (second instanceof NDArray) return fronts.LeakyReLU(x, second, third ?? {});
  if (second?.actType !== "rrelu") return fronts.LeakyReLU(x, second);
  const bounds = readOptions("LeakyReLU", second, rreluDefaults);
  checkBounds(bounds);
  checkArray("LeakyReLU", x);
  return session.recorder.training ? randomSlopes(x, bounds) : fronts.LeakyReLU(x, second);
}

const rreluDefaults: LeakyReLUOptions = {
  actType: "rrelu",
  slope: 0.25,
  lowerBound: 0.125,
  upperBound: 0.334,
};

function checkBounds({ lowerBound, upperBound }: LeakyReLUOptions): void {
  if (lowerBound <= upperBound && Number.isFinite(upperBound - lowerBound)) return;
  throw new AttributeError({
    op: "LeakyReLU",
    problem: "upperBound must not be below lowerBound",
    received: `lowerBound ${lowerBound}, upperBound ${upperBound}`,
    allowed: "finite lowerBound <= upperBound",
  });
}

/** B. Xu et al., Empirical evaluation of rectified activations (2015), section 3.4. */
function randomSlopes(x: NDArray, { lowerBound, upperBound }: LeakyReLUOptions): NDArray {
  const { shape, dtype } = x;
  const [u, next] = sequenceSample(session.randomState, { shape, dtype: "float32" });
  keepRandomState(next);
  const slopes = fronts.cast(u.mul(upperBound - lowerBound).add(lowerBound), { dtype });
  return fronts.where(x.greater(0), x, x.mul(slopes));
}
