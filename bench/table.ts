import { digits, ratioText, timeText } from "./format.js";
import type { Measurement, Results } from "./results.js";
import { type WorkloadName, workloadNames, workloads } from "./workloads/index.js";

/** A table as text: a head and rows of cells. */
export interface Table {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Looks measurements up. */
export class Lookup {
  private readonly byKey = new Map<string, Measurement>();

  constructor(readonly results: Results) {
    for (const one of results.measurements) {
      this.byKey.set(`${one.workload} ${one.contender}`, one);
    }
  }

  get(workload: string, contender: string): Measurement | undefined {
    return this.byKey.get(`${workload} ${contender}`);
  }

  /** Microseconds; undefined where there is no number. */
  time(workload: string, contender: string): number | undefined {
    return this.get(workload, contender)?.median;
  }

  /** How many times as long `other` takes as `own`. */
  ratio(workload: string, own: string, other: string): number | undefined {
    const [mine, theirs] = [this.time(workload, own), this.time(workload, other)];
    return mine === undefined || theirs === undefined ? undefined : theirs / mine;
  }

  /** Workloads with a number, in the order of the list. */
  workloads(): readonly WorkloadName[] {
    const measured = new Set(this.results.measurements.map(({ workload }) => workload));
    return workloadNames.filter((name) => measured.has(name));
  }

  /** Our way that others are compared with. */
  base(): string {
    const names = this.results.contenders.map(({ name }) => name);
    return names.includes("compiled") ? "compiled" : "recorded";
  }
}

/** What is no library, but a measure of the machine. */
const isGauge = (name: string) => name.startsWith("peak");

/** Our times in each way, and how many times as long each peer takes as our way of one thread. */
export function mainTables(results: Results): Table[] {
  const lookup = new Lookup(results);
  const own = results.contenders.filter(({ name, ours }) => ours && !isGauge(name));
  const peers = results.contenders.filter(({ name, ours }) => !ours && !isGauge(name));
  const base = lookup.base();
  const label = (workload: WorkloadName) => [workload, workloads[workload].title];
  const cell = (workload: WorkloadName, contender: string) => {
    const found = lookup.get(workload, contender);
    if (found?.median !== undefined) return timeText(found.median);
    return found?.error === undefined ? "" : "fails";
  };
  const tables: Table[] = [
    {
      title: "Our times",
      head: ["", "work", ...own.map(({ title }) => title)],
      rows: lookup
        .workloads()
        .map((workload) => [...label(workload), ...own.map(({ name }) => cell(workload, name))]),
    },
  ];
  if (peers.length === 0) return tables;
  const compared = (workload: WorkloadName, contender: string) => {
    const ratio = lookup.ratio(workload, base, contender);
    return ratio === undefined ? cell(workload, contender) : ratioText(ratio);
  };
  tables.push({
    title: `How many times as long others take as ours, ${base}, one thread`,
    head: ["", "ours", ...peers.map(({ title }) => title)],
    rows: lookup
      .workloads()
      .map((workload) => [
        workload,
        cell(workload, base),
        ...peers.map(({ name }) => compared(workload, name)),
      ]),
  });
  return tables;
}

function titleOf({ contenders }: Results, name: string): string {
  return contenders.find((one) => one.name === name)?.title ?? name;
}

/** What is started for its own sake. */
const starts: { readonly [name: string]: string } = {
  node: "Node without a library",
  adjoint: "Adjoint",
  "node-24": "Node 24 without a library",
  "adjoint-24": "Adjoint, Node 24",
  "adjoint-24-cached": "Adjoint, Node 24, its compiled code kept (`NODE_COMPILE_CACHE`)",
};

/** What is no workload. */
export function otherTables(results: Results): Table[] {
  const { coldStarts, growth, installSizes } = results;
  const own = new Lookup(results);
  const title = (name: string) => starts[name] ?? titleOf(results, name);
  const phases = Object.keys(growth[0]?.phases ?? {});
  const memory = own
    .workloads()
    .filter((name) => own.get(name, own.base())?.peakRssMiB !== undefined);
  const holders = results.contenders.filter(({ name }) => !isGauge(name));
  return [
    {
      title: "From the start of a process to its first gradient",
      head: ["", "median", "minimum"],
      rows: coldStarts.map(({ contender, median, minimum }) => [
        title(contender),
        `${digits(median)} ms`,
        `${digits(minimum)} ms`,
      ]),
    },
    {
      title: "Growth with the length of a program, microseconds per operation",
      head: ["operations", ...phases],
      rows: growth.map((row) => [
        String(row.operations),
        ...phases.map((phase) => digits(row.phases[phase] ?? Number.NaN)),
      ]),
    },
    {
      title: "Peak memory of a process, MiB",
      head: ["", ...holders.map((one) => one.title)],
      rows: memory.map((workload) => [
        workload,
        ...holders.map(({ name }) => {
          const found = own.get(workload, name)?.peakRssMiB;
          return found === undefined ? "" : found.toFixed(0);
        }),
      ]),
    },
    {
      title: "Size of an installation",
      head: ["", "MiB", "packages"],
      rows: installSizes.map(({ contender, mebibytes, packages }) => [
        title(contender),
        mebibytes.toFixed(1),
        String(packages),
      ]),
    },
  ].filter(({ rows }) => rows.length > 0);
}

/** A table for a terminal. */
export function plainText({ title, head, rows }: Table): string {
  const widths = head.map((cell, column) =>
    Math.max(cell.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  return [`\n${title}`, line(head), ...rows.map(line)].join("\n");
}

/** A table for a page. */
export function markdown({ head, rows }: Table): string {
  const line = (row: readonly string[]) => `| ${row.join(" | ")} |`;
  const rule = head.map((_, column) => (column === 0 ? "---" : "---:"));
  return [line(head), line(rule), ...rows.map(line)].join("\n");
}
