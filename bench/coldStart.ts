import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { ColdStart } from "./results.js";
import { median } from "./timing.js";
import { bundles, root } from "./contenders.js";

interface Program {
  readonly contender: string;
  readonly command: readonly string[];
  readonly environment?: { readonly [name: string]: string };
}

/** Programs on Node 24, which keeps compiled code from one start to the next if it is told where. */
function onNode24(program: string): Program[] {
  const command = (name: string) => [program, `${root}bench/cold/${name}.mjs`];
  const cache = { NODE_COMPILE_CACHE: `${bundles}/compileCache` };
  return [
    { contender: "node-24", command: command("node") },
    { contender: "adjoint-24", command: command("adjoint") },
    { contender: "adjoint-24-cached", command: command("adjoint"), environment: cache },
  ];
}

function programs(node24: string | undefined): Program[] {
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
    ...(node24 === undefined ? [] : onNode24(node24)),
    ...["jax", "torch", "mxnet"].flatMap(python),
  ];
}

/** Milliseconds from the start of a process to the line with its gradient; undefined where it fails. */
function timeToGradient({ command, environment }: Program): Promise<number | undefined> {
  const [program = "", ...args] = command;
  const env = { ...process.env, ...environment };
  const start = performance.now();
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "ignore"], env });
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
  node24: string | undefined,
): Promise<ColdStart[]> {
  const all = programs(node24).filter(({ contender }) => only(contender));
  const times = new Map<string, number[]>();
  for (let turn = 0; turn <= repeats; turn++) {
    for (const program of all) {
      const { contender } = program;
      const time = await timeToGradient(program);
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
