import type { Rule } from "@adjoint/graph";
import { mul, negative } from "../elementwise/arithmetic.js";
import { fill } from "../elementwise/full.js";
import { argumentOf, input, isLiteral, literalOf, stretched } from "./matching.js";

/** The rule that drops a neutral second argument; with `either`, a neutral first one, too. */
function neutral(name: string, op: string, number: number, either = false): Rule {
  return {
    name,
    ops: [op],
    apply(node, tools) {
      const [a, b] = [input(node, 0), input(node, 1)];
      if (isLiteral(tools, b, number)) return stretched(node, a);
      return either && isLiteral(tools, a, number) ? stretched(node, b) : undefined;
    },
  };
}

/** The largest power of 2 whose inverse is a normal number, too. */
const largestExponent: Readonly<Record<string, number>> = { float32: 126, float64: 1022 };

/** `1 / x`, where multiplying by it equals dividing by x bit by bit: for powers of 2. */
function exactInverse(x: number, dtype: string): number | undefined {
  const exponent = Math.round(Math.log2(Math.abs(x)));
  const inRange = Math.abs(exponent) <= (largestExponent[dtype] ?? 0);
  return inRange && 2 ** exponent === Math.abs(x) ? 1 / x : undefined;
}

/** Numbers that change nothing but the sign. */
export const neutralRules: readonly Rule[] = [
  neutral("mulByOne", "mul", 1, true),
  neutral("divByOne", "div", 1),
  neutral("powOfOne", "pow", 1),
  neutral("subZero", "sub", 0),
  // Not +0, which would turn -0 into +0.
  neutral("addMinusZero", "add", -0, true),
  {
    name: "mulByMinusOne",
    ops: ["mul"],
    apply(node, tools) {
      const [a, b] = [input(node, 0), input(node, 1)];
      if (isLiteral(tools, b, -1)) return stretched(node, negative(a));
      return isLiteral(tools, a, -1) ? stretched(node, negative(b)) : undefined;
    },
  },
  {
    name: "divByPowerOfTwo",
    ops: ["div"],
    apply(node, tools) {
      const [x, divisor] = [input(node, 0), input(node, 1)];
      const { dtype, shape } = divisor.type;
      const inverse = exactInverse(literalOf(tools, divisor) ?? 0, dtype);
      return inverse === undefined ? undefined : mul(x, fill(x, shape, inverse));
    },
  },
  {
    name: "doubleNegative",
    ops: ["negative"],
    apply: (node, tools) => argumentOf(tools, input(node, 0), "negative"),
  },
];
