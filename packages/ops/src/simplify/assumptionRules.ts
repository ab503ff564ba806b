import {
  isFloat,
  type NodeView,
  type RewriteTools,
  type Rule,
  sameValue,
  type Value,
} from "@adjoint/graph";
import { fill } from "../elementwise/full.js";
import { reshape } from "../view/reshape.js";
import { input, integersOf, literalOf, result, stretched } from "./matching.js";

/** What may be taken for granted of floating-point arguments and results. */
export interface Assumptions {
  /** Nothing is NaN. */
  readonly noNaN: boolean;
  /** Nothing is infinite. */
  readonly noInfinity: boolean;
  /** Nothing depends on the sign of a zero. */
  readonly noSignedZero: boolean;
}

type Assumption = keyof Assumptions;

/** A rule that integers always allow, floats only under all its assumptions. */
interface ConditionalRule extends Rule {
  readonly needs: readonly Assumption[];
  /** True where the rule is wrong for integers. */
  readonly floatOnly?: boolean;
}

function isZero(tools: RewriteTools, value: Value): boolean {
  return literalOf(tools, value) === 0;
}

function zeros(node: NodeView): Value {
  const { shape } = result(node).type;
  return fill(result(node), shape, 0);
}

const rules: readonly ConditionalRule[] = [
  {
    name: "mulByZero",
    needs: ["noNaN", "noInfinity", "noSignedZero"],
    ops: ["mul"],
    apply(node, tools) {
      return node.ins.some((x) => isZero(tools, x)) ? zeros(node) : undefined;
    },
  },
  {
    name: "addZero",
    needs: ["noSignedZero"],
    ops: ["add"],
    apply(node, tools) {
      const [a, b] = [input(node, 0), input(node, 1)];
      if (isZero(tools, b)) return stretched(node, a);
      return isZero(tools, a) ? stretched(node, b) : undefined;
    },
  },
  {
    name: "subMinusZero",
    needs: ["noSignedZero"],
    ops: ["sub"],
    apply: (node, tools) =>
      isZero(tools, input(node, 1)) ? stretched(node, input(node, 0)) : undefined,
  },
  {
    name: "subSelf",
    needs: ["noNaN", "noInfinity"],
    ops: ["sub"],
    apply(node) {
      const [a, b] = [input(node, 0), input(node, 1)];
      return sameValue(a, b) ? zeros(node) : undefined;
    },
  },
  {
    // 0 / 0 is NaN, and an error for integers.
    name: "zeroDivided",
    needs: ["noNaN", "noSignedZero"],
    floatOnly: true,
    ops: ["div"],
    apply: (node, tools) => (isZero(tools, input(node, 0)) ? zeros(node) : undefined),
  },
  {
    // The sum starts from 0, so that -0 becomes 0.
    name: "sumOfSingles",
    needs: ["noSignedZero"],
    ops: ["sum"],
    apply(node) {
      const x = input(node, 0);
      const single = integersOf(node.attrs, "axes").every((axis) => x.type.shape[axis] === 1);
      return single ? reshape(x, result(node).type.shape) : undefined;
    },
  },
];

/** Rules that are exact for integers, and for floats where the assumptions are granted. */
export function assumptionRules(assume: Assumptions): Rule[] {
  return rules.map(({ name, ops, needs, floatOnly = false, apply }) => ({
    name,
    ops,
    apply(node, tools) {
      const float = isFloat(result(node).type.dtype);
      const allowed = float ? needs.every((need) => assume[need]) : !floatOnly;
      return allowed ? apply(node, tools) : undefined;
    },
  }));
}
