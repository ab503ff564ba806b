import { commonSubexpressions, constantFolding, deadCode, lower, type Pass } from "@adjoint/graph";
import { algebraicSimplification, registry } from "@adjoint/ops";
import { evaluateNode } from "@adjoint/runtime";
import { backendLaws, compiledBackend } from "./backendLaws.js";
import { derivativeLaws } from "./derivativeLaws.js";
import { Derived } from "./derived.js";
import { executionLaws } from "./executionLaws.js";
import type { Law, Subject } from "./law.js";
import { passLaws } from "./passLaws.js";

/** The passes of this library that keep every number. */
export const passes: readonly Pass[] = [
  deadCode,
  commonSubexpressions,
  lower,
  constantFolding({ evaluate: evaluateNode }),
  algebraicSimplification(),
];

/** All laws, for this library or one with something changed. */
export function lawsOf(subject: Partial<Subject> = {}): readonly Law[] {
  const backends = subject.backends ?? [compiledBackend()];
  const whole: Subject = { registry, passes, ...subject, backends };
  const derived = new Derived(whole.registry);
  return [
    ...executionLaws(whole, derived),
    ...backendLaws(whole, derived),
    ...passLaws(whole, derived),
    ...derivativeLaws(whole, derived),
  ];
}
