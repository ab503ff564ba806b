import { checkpoint, gradient, joint, jvp, vjp } from "@adjoint/autograd";
import { ArgumentError, GradientError, type Graph, undo, verify } from "@adjoint/graph";
import { type Tensor, toNumbers } from "@adjoint/runtime";
import { difference, distance } from "../compare.js";
import { anyTensor, floatResults, movingInputs, type Program, run } from "../program.js";
import { decreedIn } from "../decreed.js";
import type { Derived } from "./derived.js";
import { agreesWithDifferences, gradientPoint, movingDoubles } from "./differences.js";
import { attempt, judged, type Law, type Subject, skipped } from "./law.js";
import { matrices } from "./matrixLaws.js";

/** Running forward and backward graph one after the other gives what the joint graph gives. */
const separate = ({ registry }: Subject): Law => ({
  name: "separate gradient graphs equal the joint one",
  check(program) {
    const pair = pairOf(program, registry);
    if ("reason" in pair) return skipped(pair.reason);
    const { forward, backward } = pair.value;
    verify(backward, registry);
    const together = joint(pair.value, registry);
    const want = run(together, program.inputs, registry);
    const results = run(forward, program.inputs, registry);
    const saved = backward.inputs.filter(({ role }) => role === "saved");
    const from = forward.outputs.length - saved.length;
    const given = Object.fromEntries(
      saved.flatMap(({ name }, at) => {
        const tensor = results[from + at];
        return tensor === undefined ? [] : [[name, tensor]];
      }),
    );
    const gradients = run(backward, given, registry);
    return judged("gradient", difference(want.slice(from), gradients));
  },
});

/** What tidying does to the backward graph changes no number. */
const tidying = ({ registry }: Subject): Law => ({
  name: "tidying a gradient",
  check(program) {
    const pair = pairOf(program, registry);
    if ("reason" in pair) return skipped(pair.reason);
    const { forward, backward, history } = pair.value;
    const before = undo(backward, history);
    verify(before, registry);
    const saved = before.inputs.flatMap(({ of, role, name }) =>
      role === "saved" && of !== undefined ? [{ name, ref: of }] : [],
    );
    const own = forward.outputs.slice(0, program.graph.outputs.length);
    const outputs = [...own, ...saved];
    const untidied = joint({ forward: { ...forward, outputs }, backward: before }, registry);
    const want = run(untidied, program.inputs, registry);
    const have = run(joint(pair.value, registry), program.inputs, registry);
    return judged("gradient", difference(want, have));
  },
});

function pairOf(program: Program, registry: Subject["registry"]) {
  const wrt = movingInputs(program).map(({ name }) => name);
  const heads = floatResults(program.graph);
  if (wrt.length === 0 || heads.length === 0) return { reason: "nothing to differentiate" };
  return attempt(GradientError, () => gradient(program.graph, { wrt, heads, registry }));
}

/** Segments computed again change neither results nor gradients. */
const checkpoints = ({ registry }: Subject, derived: Derived): Law => ({
  name: "checkpoints",
  check(program) {
    const { graph, inputs, style } = program;
    const segments = 1 + (graph.order.length % 3);
    const cut = attempt(ArgumentError, () => checkpoint(graph, { segments, registry }));
    if ("reason" in cut) return skipped(cut.reason);
    verify(cut.value, registry);
    const [before, after] = [graph, cut.value].map((one) => run(one, inputs, registry));
    const results = difference(before ?? [], after ?? []);
    const pullback = derived.pullback(program);
    if (results !== undefined || style === "wild" || "reason" in pullback)
      return judged("results", results);
    const names = {
      wrt: movingInputs(program).map(({ name }) => name),
      heads: floatResults(graph),
    };
    const again = vjp(cut.value, { ...names, registry });
    const want = run(pullback.value, inputs, registry);
    return judged("gradient", distance(want, run(again, inputs, registry)));
  },
});

function total(
  tensors: readonly Tensor[],
  weights: readonly Tensor[],
): { sum: number; size: number } {
  const products = tensors.flatMap((tensor, at) => {
    const other = weights[at];
    return other === undefined ? [] : multiplied(toNumbers(tensor), toNumbers(other));
  });
  const sum = products.reduce((all, one) => all + one, 0);
  return { sum, size: products.reduce((all, one) => all + Math.abs(one), 0) };
}

function multiplied(a: readonly number[], b: readonly number[]): number[] {
  return a.map((value, at) => value * (b[at] ?? Number.NaN));
}

/** Forward and reverse mode are adjoint: `<u, J v> = <Jᵀ u, v>`. */
const adjoint = ({ registry }: Subject): Law => ({
  name: "forward and reverse mode are adjoint",
  check({ graph, inputs, held, style }) {
    if (style === "wild") return skipped("only in float64");
    const reason = decreedIn(graph);
    if (reason !== undefined) return skipped(reason);
    const wrt = movingDoubles(graph, held);
    const of = floatResults(graph);
    if (wrt.length === 0 || of.length === 0) return skipped("nothing to differentiate");
    const pushforward = jvp(graph, { wrt, of, registry });
    verify(pushforward, registry);
    const pullback = vjp(graph, { wrt, heads: of, registry });
    const count = graph.outputs.length;
    const tangents = run(pushforward, inputs, registry).slice(count);
    const gradients = run(pullback, inputs, registry).slice(count);
    const named = (prefix: string, one: Graph) =>
      one.inputs
        .filter(({ name }) => name.startsWith(prefix))
        .map(({ name, type }) => anyTensor(name, type));
    const left = total(tangents, named("head.", pullback));
    const right = total(gradients, named("tangent.", pushforward));
    if (!Number.isFinite(left.sum + right.sum)) return skipped("values are not finite");
    const isClose = Math.abs(left.sum - right.sum) <= 1e-8 * (1 + left.size + right.size);
    return judged("modes", isClose ? undefined : `${left.sum} forward, ${right.sum} in reverse`);
  },
});

/** The gradient, and its own gradient, agree with difference quotients. */
const differences = ({ registry }: Subject, order: 1 | 2): Law => ({
  name: order === 1 ? "gradient against differences" : "second order against differences",
  check({ graph, inputs, held, style }) {
    if (style === "wild") return skipped("only in float64");
    const reason = decreedIn(graph);
    if (reason !== undefined) return skipped(reason);
    const point = { graph, inputs, wrt: movingDoubles(graph, held) };
    if (order === 1) return agreesWithDifferences(point, registry);
    if (point.wrt.length === 0) return skipped("nothing to differentiate");
    const values = run(graph, inputs, registry).flatMap(toNumbers);
    if (!values.every(Number.isFinite)) return skipped("values are not finite");
    return agreesWithDifferences(gradientPoint(point, registry), registry);
  },
});

/** What derivatives promise. */
export function derivativeLaws(subject: Subject, derived: Derived): readonly Law[] {
  return [
    separate(subject),
    tidying(subject),
    checkpoints(subject, derived),
    adjoint(subject),
    matrices(subject),
    differences(subject, 1),
    differences(subject, 2),
  ];
}
