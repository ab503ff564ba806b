import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { ColdStart } from "./results.js";
import { median } from "./timing.js";
import { root } from "./contenders.js";

interface Program {
  readonly contender: string;
  readonly command: readonly string[];
}

function programs(): Program[] {
  const script = (file: string) => `${root}bench/cold/${file}`;
  const node = (contender: string) => ({
    contender,
    command: [process.execPath, script(`${contender}.mjs`)],
  });
  const python = (contender: string): Program[] => {
    const path = process.env[`BENCH_PYTHON_${contender.toUpperCase()}`] ?? process.env.BENCH_PYTHON;
    if (path === undefined) return [];
    return [{ contender, command: [path, script(`${contender}_cold.py`)] }];
  };
  return [
    ...["node", "adjoint", "jaxjs", "tfjs-wasm", "tfjs-cpu"].map(node),
    ...["jax", "torch", "mxnet"].flatMap(python),
  ];
}

/** Milliseconds from the start of a process to the line with its gradient; undefined where it fails. */
function timeToGradient([program = "", ...args]: readonly string[]): Promise<number | undefined> {
  const start = performance.now();
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "ignore"] });
  return new Promise((resolve) => {
    let found: number | undefined;
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (line.startsWith("gradient")) found ??= performance.now() - start;
    });
    child.on("error", () => resolve(undefined));
    child.on("close", () => resolve(found));
  });
}

/** Times from nothing to the first gradient. Programs take turns; what the first turn reads from disk is not counted. */
export async function coldStarts(
  only: (contender: string) => boolean,
  repeats: number,
): Promise<ColdStart[]> {
  const all = programs().filter(({ contender }) => only(contender));
  const times = new Map<string, number[]>();
  for (let turn = 0; turn <= repeats; turn++) {
    for (const { contender, command } of all) {
      const time = await timeToGradient(command);
      if (turn === 0 || time === undefined) continue;
      times.set(contender, [...(times.get(contender) ?? []), time]);
    }
  }
  return [...times].map(([contender, list]) => ({
    contender,
    median: median(list),
    minimum: Math.min(...list),
  }));
}
