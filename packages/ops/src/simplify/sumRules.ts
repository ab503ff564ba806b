import { type Rule, sameValue } from "@adjoint/graph";
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
    // Sums are taken in pairs, so that few others keep their order of additions, and their rounding.
    name: "nestedAddN",
    ops: ["addN"],
    apply(node, tools) {
      const [head, last, ...rest] = node.ins;
      if (head === undefined || last === undefined || rest.length > 0) return undefined;
      const inner = tools.producer(head);
      if (inner?.op.name !== "addN" || sameValue(head, last)) return undefined;
      const isKept = isPowerOfTwo(inner.ins.length) && tools.readerCount(head) === 1;
      return isKept ? addN(...inner.ins, last) : undefined;
    },
  },
];

/** Bool has no negative numbers: `1 - 1` is 0, and `1 + -1` is 1. */
function isBool({ dtype }: { readonly dtype: string }): boolean {
  return dtype === "bool";
}

function isPowerOfTwo(count: number): boolean {
  return Number.isInteger(Math.log2(count));
}
