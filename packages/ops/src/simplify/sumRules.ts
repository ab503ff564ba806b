import type { Rule } from "@adjoint/graph";
import { addN } from "../elementwise/addN.js";
import { add, sub } from "../elementwise/arithmetic.js";
import { argumentOf, input } from "./matching.js";

/** Signs and brackets in sums. */
export const sumRules: readonly Rule[] = [
  {
    name: "subNegative",
    ops: ["sub"],
    apply(node, tools) {
      const [a, b] = [input(node, 0), input(node, 1)];
      const inner = argumentOf(tools, b, "negative");
      return inner === undefined || isBool(a.type) ? undefined : add(a, inner);
    },
  },
  {
    name: "addNegative",
    ops: ["add"],
    apply(node, tools) {
      const [a, b] = [input(node, 0), input(node, 1)];
      if (isBool(a.type)) return undefined;
      const right = argumentOf(tools, b, "negative");
      if (right !== undefined) return sub(a, right);
      const left = argumentOf(tools, a, "negative");
      return left === undefined ? undefined : sub(b, left);
    },
  },
  {
    name: "addNOfOne",
    ops: ["addN"],
    apply: (node) => (node.ins.length === 1 ? input(node, 0) : undefined),
  },
  {
    // Only the first argument: elsewhere the order of additions would change, and rounding with it.
    name: "nestedAddN",
    ops: ["addN"],
    apply(node, tools) {
      const [head, ...rest] = node.ins;
      const inner = head === undefined ? undefined : tools.producer(head);
      return inner?.op.name === "addN" && rest.length > 0 ? addN(...inner.ins, ...rest) : undefined;
    },
  },
];

/** Bool has no negative numbers: `1 - 1` is 0, and `1 + -1` is 1. */
function isBool({ dtype }: { readonly dtype: string }): boolean {
  return dtype === "bool";
}
