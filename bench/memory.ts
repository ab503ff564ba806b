import { Command, Option } from "@commander-js/extra-typings";
import { autograd, compile, type NDArray, nd } from "adjoint";
import { count } from "../scripts/optionParsers.js";

/**
 * Trains a small network in one synchronous loop, in which no finaliser ever runs and nothing is disposed of, and
 * watches the memory of the process: `npm run bench:memory -- --help`. Fails where it grows by
 * a MiB or more after the warm-up.
 */

const { steps, mode, work } = new Command("npm run bench:memory --")
  .description("memory of a process that trains a small network in one synchronous loop")
  .option("--steps <n>", "steps after the warm-up", count, 1_000_000)
  .addOption(
    new Option("--mode <mode>", "how a step runs")
      .choices(["recorded", "compiled"] as const)
      .default("recorded" as const),
  )
  .addOption(
    new Option(
      "--work <work>",
      "what a step does: stochastic descent, Adam with its states, or a loop on numbers",
    )
      .choices(["descent", "adam", "control"] as const)
      .default("descent" as const),
  )
  .parse()
  .opts();

const MiB = 2 ** 20;
const samples = 200;

interface Network {
  readonly x: NDArray;
  readonly labels: NDArray;
  readonly parameters: readonly [NDArray, NDArray, NDArray, NDArray];
}

function network(): Network {
  nd.random.seed(1);
  const variable = (shape: number[]) => nd.random.normal({ shape, scale: 0.3 }).attachGrad();
  return {
    x: nd.random.normal({ shape: [8, 16] }),
    labels: nd.random.normal({ shape: [8, 4] }),
    parameters: [
      variable([16, 32]),
      nd.zeros([32]).attachGrad(),
      variable([32, 4]),
      nd.zeros([4]).attachGrad(),
    ],
  };
}

function differentiate({ x, labels, parameters }: Network): NDArray {
  const [w, b, v, c] = parameters;
  const loss = autograd.record(() => {
    const hidden = nd.dot(x, w).add(b).tanh();
    return nd.dot(hidden, v).add(c).sub(labels).square().mean();
  });
  loss.backward();
  return loss;
}

function descent(net: Network): () => NDArray {
  return () => {
    const loss = differentiate(net);
    for (const parameter of net.parameters) {
      if (parameter.grad !== null) parameter.subAssign(parameter.grad.mul(0.001));
    }
    return loss;
  };
}

function adam(net: Network): () => NDArray {
  const states = net.parameters.map((one) => [nd.zerosLike(one), nd.zerosLike(one)] as const);
  return () => {
    const loss = differentiate(net);
    net.parameters.forEach((parameter, at) => {
      const [mean, variance] = states[at] ?? [];
      if (parameter.grad === null || mean === undefined || variance === undefined) return;
      nd.adamUpdate(parameter, parameter.grad, mean, variance, { lr: 0.001, out: parameter });
    });
    return loss;
  };
}

/** A loop whose length numbers decide, and a branch, on another number at each step. */
function control(): (a: NDArray) => NDArray {
  return (a) => {
    const c = autograd.record(() => {
      let b = a.mul(2);
      while (b.norm().lesser(1000).asBoolean()) b = b.mul(2);
      return b.sum().greater(0).asBoolean() ? b : b.mul(100);
    });
    c.backward();
    return c;
  };
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? 0;
}

/** Resident bytes of the process along the loop. */
function watch(steps: number, step: () => void): readonly number[] {
  const seen: number[] = [];
  const between = Math.max(1, Math.floor(steps / samples));
  for (let time = 0; time < steps; time++) {
    step();
    if (time % between !== between - 1) continue;
    seen.push(process.memoryUsage.rss());
  }
  return seen;
}

/** A step of the work that was asked for. */
function stepOf(): () => NDArray {
  const way = <A extends readonly unknown[]>(fn: (...args: A) => NDArray) =>
    mode === "compiled" ? compile(fn, { warnAfter: Number.POSITIVE_INFINITY }) : fn;
  switch (work) {
    case "descent":
      return way(descent(network()));
    case "adam":
      return way(adam(network()));
    case "control": {
      const run = way(control());
      let time = 0;
      return () => run(nd.array([Math.sin(++time)]).attachGrad());
    }
    default:
      return work satisfies never;
  }
}

const step = stepOf();
const start = performance.now();
const seen = watch(steps, () => void step());
const seconds = (performance.now() - start) / 1000;
const settled = seen.slice(Math.floor(seen.length / 5));
const fifth = Math.floor(settled.length / 5);
const growth = median(settled.slice(-fifth)) - median(settled.slice(0, fifth));
const row = [
  `${steps} steps of ${work}, ${mode}: ${((seconds / steps) * 1e6).toFixed(1)} µs each`,
  `${(median(settled) / MiB).toFixed(1)} MiB resident`,
  `growth ${(growth / MiB).toFixed(2)} MiB after warm-up`,
];
console.log(row.join(", "));
if (growth >= MiB) process.exitCode = 1;
