/** One of our contenders in a process of its own: `node ours.js WORKLOAD recorded|compiled THREADS [wide]`, where
 * `wide` asks for vectors of 256 bits. */
import { engine } from "adjoint";
import { serve } from "../protocol.js";
import { measure } from "../timing.js";
import { isWorkloadName, workloads } from "../workloads/index.js";
import { contest } from "./contest.js";
import { profile } from "./profile.js";
import { ways } from "./ways.js";

const [name = "", wayName = "recorded", threads = "1", vectors] = process.argv.slice(2);
if (vectors === "wide" && !engine.revectorize()) throw new Error("no vectors of 256 bits");
engine.setThreads(Number(threads));
if (!isWorkloadName(name)) throw new Error(`no workload ${name}`);
const way = ways[wayName];
if (way === undefined) throw new Error(`no way ${wayName}`);
const { step, check } = contest(workloads[name].prepare(), way);
await serve({
  check,
  measure: (milliseconds) => measure(step, milliseconds),
  profile: (milliseconds) => profile(step, milliseconds),
});
