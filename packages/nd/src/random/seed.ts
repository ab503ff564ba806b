import { AttributeError } from "@adjoint/graph";
import { describe } from "@adjoint/ops";
import { initialRandomState } from "@adjoint/runtime";
import { session } from "../session.js";

/**
 * Starts the random numbers anew: the same seed gives the same numbers, those of MXNet. The seed of
 * a fresh process is 0.
 *
 * @param seed any integer
 * @returns nothing
 * @throws AttributeError unless `seed` is an integer
 * @derivative none: it has no result
 * @example
 * ```ts
 * nd.random.seed(0);
 * nd.random.uniform(); // [0.5488135]
 * ```
 */
export function seed(seed: number): void {
  if (!Number.isSafeInteger(seed)) {
    throw new AttributeError({
      op: "random.seed",
      problem: "seed is not an integer",
      received: describe(seed),
      allowed: "an integer",
    });
  }
  session.randomState = session.fromTensor(initialRandomState(seed));
}
