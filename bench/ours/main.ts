/** One of our contenders in a process of its own: `node main.js WORKLOAD recorded|compiled THREADS`. */
import { serve } from "../protocol.js";
import { measure } from "../timing.js";
import { isWorkloadName, workloads } from "../workloads/index.js";
import { contest } from "./contest.js";
import { ways } from "./ways.js";

const [name = "", wayName = "recorded"] = process.argv.slice(2);
if (!isWorkloadName(name)) throw new Error(`no workload ${name}`);
const way = ways[wayName];
if (way === undefined) throw new Error(`no way ${wayName}`);
const { step, check } = contest(workloads[name].prepare(), way);
await serve({ check, measure: (milliseconds) => measure(step, milliseconds) });
