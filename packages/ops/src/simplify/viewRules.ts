import { equalShapes, type RewriteTools, type Rule, type Shape, type Value } from "@adjoint/graph";
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
import { argumentOf, input, integersOf, literalOf, result } from "./matching.js";

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

/** True where a transposition only moves axes of length 1, so that the elements keep their order. */
function movesOnlySingles(axes: readonly number[], shape: Shape): boolean {
  const longer = axes.filter((axis) => shape[axis] !== 1);
  return longer.every((axis, at) => at === 0 || axis > (longer[at - 1] ?? axis));
}

const views: readonly Rule[] = [
  identityView,
  filledView,
  {
    name: "transposeOfReshape",
    ops: ["transpose"],
    apply(node, tools) {
      const x = input(node, 0);
      const inner = argumentOf(tools, x, "reshape");
      const free = movesOnlySingles(integersOf(node.attrs, "axes"), x.type.shape);
      return inner === undefined || !free ? undefined : reshape(inner, result(node).type.shape);
    },
  },
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

/** What `x` stretches, or has only axes of length 1 in front of. */
function unstretched(tools: RewriteTools, x: Value): Value | undefined {
  const inner = argumentOf(tools, x, "broadcastTo");
  if (inner !== undefined) return inner;
  const reshaped = argumentOf(tools, x, "reshape");
  if (reshaped === undefined) return undefined;
  const same = equalShapes(withoutLeadingOnes(x), withoutLeadingOnes(reshaped));
  return same && reshaped.type.shape.length < x.type.shape.length ? reshaped : undefined;
}

function withoutLeadingOnes({ type: { shape } }: Value): Shape {
  const first = shape.findIndex((length) => length !== 1);
  return first < 0 ? [] : shape.slice(first);
}

/** Elementwise functions stretch their arguments by themselves, so that nothing needs to be stretched before. */
function absorbBroadcast(ops: readonly string[]): Rule {
  return {
    name: "absorbBroadcast",
    ops,
    apply(node, tools) {
      const { shape } = result(node).type;
      const fits = (ins: readonly Value[]) =>
        equalShapes(
          ins.reduce<Shape>((all, x) => broadcastShapes(node.op.name, all, x.type.shape), []),
          shape,
        );
      const { ins } = node;
      const inner = ins.map((x) => unstretched(tools, x));
      const without = (isDropped: (at: number) => boolean) =>
        ins.map((x, at) => (isDropped(at) ? (inner[at] ?? x) : x));
      // All at once where possible, else one.
      const candidates = [without(() => true), ...ins.map((_, one) => without((at) => at === one))];
      const found = candidates.find(
        (candidate) => candidate.some((x, at) => x !== ins[at]) && fits(candidate),
      );
      const [head, ...rest] = found ?? [];
      return head === undefined ? undefined : applyOne(node.op, [head, ...rest]);
    },
  };
}

/** Re-indexings, and where they can be left out. */
export const viewRules: readonly Rule[] = [...views, absorbBroadcast([...binaryNames, "where"])];
