import type { GoldenCall } from "../goldenCases.js";
import { toArray } from "../goldenRunner.js";
import { type ArrayProblem, argumentOf, type Elements } from "./problem.js";

/** Whether MXNet's are start + i step, both without their fractions. */
export function haveWholeSteps({ attrs }: GoldenCall, { want }: Elements): boolean {
  const { start = 0, step = 1, repeat = 1 } = attrs;
  const [first, by] = [Math.trunc(Number(start)), Math.trunc(Number(step))];
  return want.every((value, at) => value === first + Math.floor(at / Number(repeat)) * by);
}

/**
 * Whether MXNet's last step, argument 2 of an update with momentum, is ours with the decay of the weights that the step
 * has already changed: of those that are decayed, argument 3 of a mixed one.
 */
export function decaysAfter(
  { one, name, want: tensor }: ArrayProblem,
  { have, want, differing, arrays }: Elements,
  call: GoldenCall,
): boolean {
  const weights = String(call.args[call.args.length > 3 ? 3 : 0]);
  const before = one.inputs[weights];
  if (call.args[2] !== name || before === undefined || tensor.dtype !== "float32") return false;
  const [from, to] = [toArray(before).toFlat(), argumentOf(call, 3, arrays).toFlat()];
  const rate = Number(call.attrs.lr) * Number(call.attrs.wd ?? 0);
  return differing.every((at) => {
    const value = (have[at] ?? 0) + rate * ((from[at] ?? 0) - (to[at] ?? 0));
    const { rtol, atol } = one.tol;
    return Math.abs(value - (want[at] ?? Number.NaN)) <= atol + rtol * Math.abs(value);
  });
}

/** How many labels each sequence has: those before the first that is padding, or as many as are given. */
function labelCounts(call: GoldenCall, { arrays }: Elements): readonly number[] {
  const labels = argumentOf(call, 1, arrays);
  const last = call.args.length - 1;
  if (call.attrs.use_label_lengths === true) return argumentOf(call, last, arrays).toFlat();
  const [batch = 0, most = 0] = labels.shape;
  const isLabel = (label: number) => (call.attrs.blank_label === "last" ? label >= 0 : label > 0);
  return Array.from({ length: batch }, (_, row) => {
    const found = labels.toFlat().slice(row * most, (row + 1) * most);
    const end = found.findIndex((label) => !isLabel(label));
    return end < 0 ? most : end;
  });
}

/** Whether CTC losses and their gradients differ only for sequences whose loss is infinite, or that have no labels. */
export function differsAtImpossibleLabels(
  { role }: ArrayProblem,
  elements: Elements,
  call: GoldenCall,
): boolean {
  const { differing, arrays } = elements;
  const losses = argumentOf({ ...call, args: [String(call.out)] }, 0, arrays).toFlat();
  const counts = labelCounts(call, elements);
  const classes = argumentOf(call, 0, arrays).shape[2] ?? 1;
  return differing.every((at) => {
    const sequence = role === "gradient" ? Math.floor(at / classes) % losses.length : at;
    return losses[sequence] === Number.POSITIVE_INFINITY || counts[sequence] === 0;
  });
}
