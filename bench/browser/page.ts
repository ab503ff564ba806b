/**
 * Benchmarks in a page: `#workload=W1,W8r&milliseconds=300`. Leaves a table, and the numbers as JSON in an element with
 * the id `results`; the title is `done` at the end.
 */
import { type Check, differenceOf } from "../check.js";
import expectations from "../expected.json" with { type: "json" };
import { contest } from "../ours/contest.js";
import { ways } from "../ours/ways.js";
import { digits, timeText } from "../format.js";
import { measure, type Timing } from "../timing.js";
import { isWorkloadName, type WorkloadName, workloadNames, workloads } from "../workloads/index.js";

/** A row of the page. */
export interface PageRow {
  readonly workload: string;
  readonly way: string;
  /** What differs from the numbers expected; null where nothing does. */
  readonly difference: string | null;
  readonly timing: Timing;
}

const expected: Readonly<Record<string, unknown>> = expectations;

function isCheck(value: unknown): value is Check {
  return typeof value === "object" && value !== null && "gradients" in value;
}

function row(workload: WorkloadName, way: string, milliseconds: number): PageRow {
  const wrap = ways[way];
  if (wrap === undefined) throw new Error(`no way ${way}`);
  const { step, check } = contest(workloads[workload].prepare(), wrap);
  const wanted = expected[workload];
  const difference = isCheck(wanted) ? differenceOf(check(), wanted) : "no numbers to compare";
  measure(step, milliseconds);
  return { workload, way, difference: difference ?? null, timing: measure(step, milliseconds) };
}

function element(name: string, text: string): HTMLElement {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

function show(table: HTMLElement, { workload, way, difference, timing }: PageRow): void {
  const spread = digits(timing.p90 / timing.median);
  const cells = [workload, way, timeText(timing.median), `${spread}×`, difference ?? "agrees"];
  const line = document.createElement("tr");
  line.append(...cells.map((text) => element("td", text)));
  table.append(line);
}

/** Lets the browser show what there is. */
function painted(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20));
}

const query = new URLSearchParams(location.hash.slice(1));
const names = (query.get("workload") ?? workloadNames.join()).split(",");
const milliseconds = Number(query.get("milliseconds") ?? 300);
const isolation = crossOriginIsolated ? "isolated, with shared memory" : "not isolated";
const table = document.createElement("table");
const head = document.createElement("tr");
head.append(
  ...["work", "way", "median", "90th percentile", "numbers"].map((text) => element("th", text)),
);
table.append(head);
document.body.append(element("h1", "Adjoint in this browser"), element("p", isolation), table);

const rows: PageRow[] = [];
for (const name of names) {
  if (!isWorkloadName(name)) throw new Error(`no workload ${name}: one of ${workloadNames.join()}`);
  for (const way of Object.keys(ways)) {
    await painted();
    const found = row(name, way, milliseconds);
    rows.push(found);
    show(table, found);
  }
}
const output = element("pre", JSON.stringify(rows));
output.id = "results";
document.body.append(output);
document.title = "done";
