import { equalShapes, type RewriteTools, type Rule, type Value } from "@adjoint/graph";
import { applyOne } from "../core/define.js";
import { broadcastShapes } from "../core/shapes.js";
import { arithmetic } from "../elementwise/arithmetic.js";
import { comparisons } from "../elementwise/compare.js";
import { extremes } from "../elementwise/extremum.js";
import { fill } from "../elementwise/full.js";
import { powers } from "../elementwise/powers.js";
import { remainders } from "../elementwise/remainder.js";
import { planar } from "../elementwise/trigonometric.js";
import { broadcastTo } from "../reduce/sum.js";
import { reshape } from "../view/reshape.js";
import { transposeAxes } from "../view/transpose.js";
import { argumentOf, flagOf, input, integersOf, literalOf, result } from "./matching.js";

const binaryNames = [arithmetic, remainders, powers, planar, comparisons, extremes].flatMap(
  ({ defs }) => defs.map(({ name }) => name),
);

/** A view that leaves the argument as it is. */
const identityView: Rule = {
  name: "identityView",
  ops: ["reshape", "broadcastTo", "transpose"],
  apply(node) {
    const x = input(node, 0);
    if (node.op.name !== "transpose") {
      return equalShapes(x.type.shape, result(node).type.shape) ? x : undefined;
    }
    return integersOf(node.attrs, "axes").every((axis, at) => axis === at) ? x : undefined;
  },
};

const filledView: Rule = {
  name: "viewOfFull",
  ops: ["reshape", "broadcastTo", "transpose"],
  apply(node, tools) {
    const number = literalOf(tools, input(node, 0));
    return number === undefined ? undefined : fill(input(node, 0), result(node).type.shape, number);
  },
};

const views: readonly Rule[] = [
  identityView,
  filledView,
  {
    name: "reshapeOfReshape",
    ops: ["reshape"],
    apply(node, tools) {
      const inner = argumentOf(tools, input(node, 0), "reshape");
      return inner === undefined ? undefined : reshape(inner, result(node).type.shape);
    },
  },
  {
    name: "broadcastOfBroadcast",
    ops: ["broadcastTo"],
    apply(node, tools) {
      const inner = argumentOf(tools, input(node, 0), "broadcastTo");
      return inner === undefined ? undefined : broadcastTo(inner, result(node).type.shape);
    },
  },
  {
    name: "transposeOfTranspose",
    ops: ["transpose"],
    apply(node, tools) {
      const source = tools.producer(input(node, 0));
      const inner = source?.op.name === "transpose" ? source.ins[0] : undefined;
      if (source === undefined || inner === undefined) return undefined;
      const first = integersOf(source.attrs, "axes");
      const axes = integersOf(node.attrs, "axes").flatMap((axis) => first[axis] ?? []);
      return transposeAxes(inner, axes);
    },
  },
];

/** The matrices before their last two axes were exchanged; undefined where nothing was. */
function swapped(tools: RewriteTools, value: Value): Value | undefined {
  const source = tools.producer(value);
  if (source?.op.name !== "transpose") return undefined;
  const axes = integersOf(source.attrs, "axes");
  const rank = axes.length;
  const swap = (at: number) => (at < rank - 2 ? at : 2 * rank - 3 - at);
  return axes.every((axis, at) => axis === swap(at)) ? source.ins[0] : undefined;
}

const products: Rule = {
  name: "productOfTransposed",
  ops: ["dot", "batchDot"],
  apply(node, tools) {
    const [a, b] = [input(node, 0), input(node, 1)];
    const [left, right] = [swapped(tools, a), swapped(tools, b)];
    if (left === undefined && right === undefined) return undefined;
    const toggled = (name: string, inner: Value | undefined) =>
      flagOf(node.attrs, name) !== (inner !== undefined);
    return applyOne(node.op, [left ?? a, right ?? b], {
      transposeA: toggled("transposeA", left),
      transposeB: toggled("transposeB", right),
    });
  },
};

/**
 * Elementwise functions of two arguments stretch them by themselves, so that nothing needs to be
 * stretched before.
 */
function absorbBroadcast(ops: readonly string[]): Rule {
  return {
    name: "absorbBroadcast",
    ops,
    apply(node, tools) {
      const [a, b] = [input(node, 0), input(node, 1)];
      const { shape } = result(node).type;
      const [left, right] = [a, b].map((x) => argumentOf(tools, x, "broadcastTo"));
      const fits = (x: Value, y: Value) =>
        equalShapes(broadcastShapes(node.op.name, x.type.shape, y.type.shape), shape);
      for (const [x, y] of [
        [left, right],
        [left, b],
        [a, right],
      ]) {
        if (x !== undefined && y !== undefined && fits(x, y)) return applyOne(node.op, [x, y]);
      }
      return undefined;
    },
  };
}

/** Re-indexings, and where they can be left out. */
export const viewRules: readonly Rule[] = [...views, products, absorbBroadcast(binaryNames)];
