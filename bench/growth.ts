/**
 * How the cost of one operation grows with the length of a program: recording a path seen for the first time and
 * planning it, deriving its gradient, recording it again, running both. Prints JSON: `node growth.js REPEATS`.
 */
import { autograd, type NDArray, nd } from "adjoint";
import type { Growth } from "./results.js";
import { median } from "./timing.js";

const lengths = [100, 1_000, 10_000];
const repeats = Number(process.argv[2] ?? 3);

/** tanh(h * x), over and over: `length` operations. */
function chain(x: NDArray, length: number): NDArray {
  let h = x;
  for (let step = 0; step < length / 2; step++) h = nd.tanh(h.mul(x));
  return h;
}

/** Microseconds per operation of each phase, for a path that no earlier run has taken: its shape is new. */
function measure(length: number, width: number): Map<string, number> {
  const x = nd.full([width], 0.3).attachGrad();
  const times = new Map<string, number>();
  const timed = <R>(phase: string, work: () => R): R => {
    const start = performance.now();
    const result = work();
    times.set(phase, ((performance.now() - start) * 1000) / length);
    return result;
  };
  const y = timed("record", () => autograd.record(() => chain(x, length)));
  timed("plan and run", () => y.read());
  timed("gradient", () => autograd.graphOf(y));
  timed("run gradient", () => {
    y.backward();
    x.grad?.read();
  });
  const again = timed("record again", () => autograd.record(() => chain(x, length)));
  timed("run again", () => again.read());
  timed("run gradient again", () => {
    again.backward();
    x.grad?.read();
  });
  return times;
}

// What the compiler has not seen yet is no growth.
measure(1_000, 1);
const rows = lengths.map((operations): Growth => {
  const runs = Array.from({ length: repeats }, (_, run) => measure(operations, run + 2));
  const names = [...(runs[0]?.keys() ?? [])];
  const phases = names.map((name) => [
    name,
    median(runs.map((run) => run.get(name) ?? Number.NaN)),
  ]);
  return { operations, phases: Object.fromEntries(phases) };
});
console.log(JSON.stringify(rows));
