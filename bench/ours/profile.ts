import type { Profiler } from "node:inspector";
import { Session } from "node:inspector/promises";
import type { Cost, Shares } from "../results.js";

type Frame = Pick<Profiler.ProfileNode["callFrame"], "functionName" | "url">;

/** Iterations between looks at the clock. */
const batch = 8;

/** Microseconds between samples. */
const interval = 250;

/** Samples that are no work of the program's; `dispatch` is the profiler's. */
const notOurs: readonly string[] = ["(idle)", "(program)", "(root)", "dispatch"];

/** The collector, and what moves arrays out of the heap that nobody has given back. */
const memory: readonly string[] = ["(garbage collector)", "copyOut", "bufferOf", "copyRun"];

/** What the modules of generated code are called, and what they cost. */
const kinds: readonly (readonly [RegExp, Cost])[] = [
  [/^contract/, "products"],
  [/^window/, "windows"],
  [/^reduce/, "reductions"],
];

/** What a sample's time is spent on; undefined for what is no work of the program's. */
function costOf({ functionName, url }: Frame): Cost | undefined {
  if (notOurs.includes(functionName)) return undefined;
  if (memory.includes(functionName)) return "memory";
  const [, module] = /^wasm:\/\/wasm\/(.*)-[0-9a-f]+$/.exec(url) ?? [];
  if (module === undefined) return "calls";
  if (module === "plan" || module === "tree") {
    if (/^map\d/.test(functionName)) return "maps";
    return /^reduce\d/.test(functionName) ? "reductions" : "calls";
  }
  return kinds.find(([pattern]) => pattern.test(module))?.[1] ?? "other kernels";
}

/**
 * Runs iterations under V8's profiler. `calls` is all that is neither generated code of kernels nor the care
 * for memory: what runs a plan, the library around it, and the workload's own lines.
 */
export async function profile(step: () => void, milliseconds: number): Promise<Shares> {
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.setSamplingInterval", { interval });
  await session.post("Profiler.start");
  const start = performance.now();
  while (performance.now() - start < milliseconds) for (let at = 0; at < batch; at++) step();
  const { profile: found } = await session.post("Profiler.stop");
  session.disconnect();
  return sharesOf(found);
}

function sharesOf({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): Shares {
  const byNode = new Map(nodes.map(({ id, callFrame }) => [id, costOf(callFrame)]));
  const times = new Map<Cost, number>();
  let all = 0;
  for (const [at, node] of samples.entries()) {
    const cost = byNode.get(node);
    const time = timeDeltas[at] ?? 0;
    if (cost === undefined || time < 0) continue;
    times.set(cost, (times.get(cost) ?? 0) + time);
    all += time;
  }
  const share = (cost: Cost) => (all === 0 ? 0 : (times.get(cost) ?? 0) / all);
  return {
    products: share("products"),
    windows: share("windows"),
    maps: share("maps"),
    reductions: share("reductions"),
    "other kernels": share("other kernels"),
    calls: share("calls"),
    memory: share("memory"),
  };
}
