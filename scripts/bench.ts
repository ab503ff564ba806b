/**
 * How the cost of one operation grows with the length of a program: recording a path seen for the first time, recording
 * it again, deriving its gradient, executing both, dumping. `npm run bench`. Each row is the median of several programs.
 */
import { autograd, type NDArray, nd, toDot } from "adjoint";

const lengths = [1_000, 5_000, 10_000, 20_000];
const repeats = 3;

/** tanh(h * x), over and over: `length` operations. */
function chain(x: NDArray, length: number): NDArray {
  let h = x;
  for (let step = 0; step < length / 2; step++) h = nd.tanh(h.mul(x));
  return h;
}

const phases = [
  "record new",
  "forward new",
  "gradient",
  "backward",
  "record known",
  "forward known",
  "dump",
] as const;
type Phase = (typeof phases)[number];

/** Microseconds per operation of each phase, for a path that no earlier run has taken (its shape is new). */
function measure(
  length: number,
  width: number,
): { times: Partial<Record<Phase, number>>; nodes: number; saved: number } {
  const x = nd.full([width], 0.3).attachGrad();
  const times: Partial<Record<Phase, number>> = {};
  const timed = <R>(phase: Phase, work: () => R): R => {
    const start = performance.now();
    const result = work();
    times[phase] = ((performance.now() - start) * 1000) / length;
    return result;
  };
  const y = timed("record new", () => autograd.record(() => chain(x, length)));
  timed("forward new", () => y.asArray());
  const { backward } = timed("gradient", () => autograd.graphOf(y));
  timed("backward", () => y.backward());
  const again = timed("record known", () => autograd.record(() => chain(x, length)));
  timed("forward known", () => again.asArray());
  timed("dump", () => toDot(backward));
  return {
    times,
    nodes: backward.order.length,
    saved: backward.inputs.filter(({ role }) => role === "saved").length,
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

const widths = Array.from({ length: repeats }, (_, repeat) => repeat + 2);
measure(lengths[0] ?? 1_000, 1);
const header = ["operations", ...phases, "backward nodes", "saved values"];
const rows = lengths.map((length) => {
  const runs = widths.map((width) => measure(length, width));
  const [first] = runs;
  return [
    String(length),
    ...phases.map((phase) =>
      median(runs.map(({ times }) => times[phase] ?? Number.NaN)).toFixed(1),
    ),
    String(first?.nodes),
    String(first?.saved),
  ];
});
const columns = header.map((title, column) =>
  Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
);
console.log(`microseconds per operation, median of ${repeats}; Node ${process.version}`);
for (const row of [header, ...rows]) {
  console.log(row.map((cell, column) => cell.padStart(columns[column] ?? 0)).join("  "));
}
