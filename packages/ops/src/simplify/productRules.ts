import type { RewriteTools, Rule, Value } from "@adjoint/graph";
import { applyOne } from "../core/define.js";
import { flagOf, input, integersOf } from "./matching.js";

/** The matrices before their last two axes were exchanged; undefined where nothing was. */
function swapped(tools: RewriteTools, value: Value): Value | undefined {
  const source = tools.producer(value);
  if (source?.op.name !== "transpose") return undefined;
  return swapsLastTwo(integersOf(source.attrs, "axes")) ? source.ins[0] : undefined;
}

function swapsLastTwo(axes: readonly number[]): boolean {
  const rank = axes.length;
  const swap = (at: number) => (at < rank - 2 ? at : 2 * rank - 3 - at);
  return axes.every((axis, at) => axis === swap(at));
}

const ofTransposed: Rule = {
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

/** (op(a) op(b))ᵀ = op(b)ᵀ op(a)ᵀ, where nobody else reads the product. */
const transposed: Rule = {
  name: "transposeOfProduct",
  ops: ["transpose"],
  apply(node, tools) {
    const x = input(node, 0);
    const source = tools.producer(x);
    const isProduct = source?.op.name === "dot" || source?.op.name === "batchDot";
    if (source === undefined || !isProduct || tools.readerCount(x) > 1) return undefined;
    if (!swapsLastTwo(integersOf(node.attrs, "axes"))) return undefined;
    return applyOne(source.op, [input(source, 1), input(source, 0)], {
      transposeA: !flagOf(source.attrs, "transposeB"),
      transposeB: !flagOf(source.attrs, "transposeA"),
    });
  },
};

/** A matrix of one element is its own transpose. */
const ofSingles: Rule = {
  name: "productOfSingle",
  ops: ["dot", "batchDot"],
  apply(node) {
    const [a, b] = [input(node, 0), input(node, 1)];
    const kept = (name: string, { type: { shape } }: Value) =>
      flagOf(node.attrs, name) && shape.slice(-2).some((length) => length !== 1);
    const transposeA = kept("transposeA", a);
    const transposeB = kept("transposeB", b);
    const same =
      transposeA === flagOf(node.attrs, "transposeA") &&
      transposeB === flagOf(node.attrs, "transposeB");
    return same ? undefined : applyOne(node.op, [a, b], { transposeA, transposeB });
  },
};

/** Products of matrices have a transposed form of their own. */
export const productRules: readonly Rule[] = [ofTransposed, transposed, ofSingles];
