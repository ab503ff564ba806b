import { type Pass, type Rule, rewritePass } from "@adjoint/graph";
import { readOptions } from "../core/options.js";
import { type Assumptions, assumptionRules } from "./assumptionRules.js";
import { choiceRules } from "./choiceRules.js";
import { neutralRules } from "./neutralRules.js";
import { productRules } from "./productRules.js";
import { sumRules } from "./sumRules.js";
import { viewRules } from "./viewRules.js";

export type { Assumptions } from "./assumptionRules.js";

export interface SimplificationOptions {
  /** What may be taken for granted of floating-point values; by default nothing. */
  assume: Partial<Assumptions>;
}

/** The identities that hold under the assumptions, in the order in which they are tried. */
export function algebraicRules(assume: Partial<Assumptions> = {}): readonly Rule[] {
  const granted = readOptions<Assumptions>("algebraicSimplification", assume, {
    noNaN: false,
    noInfinity: false,
    noSignedZero: false,
  });
  return [
    ...neutralRules,
    ...sumRules,
    ...choiceRules,
    ...productRules,
    ...viewRules,
    ...assumptionRules(granted),
  ];
}

/**
 * A pass that replaces expressions by simpler equal ones: neutral numbers, signs, views of views,
 * conversions without effect, choices without choice. Without assumptions a result is the same
 * number for every argument, NaN, infinities and -0 included.
 *
 * @throws AttributeError for an unknown assumption
 * @example
 * ```ts
 * const pass = algebraicSimplification({ assume: { noSignedZero: true } }); // also x + 0 -> x
 * const { graph } = runPasses(recorded, [pass, deadCode], { registry });
 * ```
 */
export function algebraicSimplification(options?: Partial<SimplificationOptions>): Pass {
  const { assume } = readOptions<SimplificationOptions>("algebraicSimplification", options, {
    assume: {},
  });
  return rewritePass("algebraicSimplification", algebraicRules(assume));
}
