/** Measures this library beside its peers: `npm run bench -- --help`. README.md says how. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, release, totalmem, type } from "node:os";
import { dirname } from "node:path";
import { Command, Option } from "@commander-js/extra-typings";
import { buildSync } from "esbuild";
import { fetchNode24 } from "../scripts/node24.js";
import { collect, count } from "../scripts/optionParsers.js";
import { coldStarts } from "./coldStart.js";
import { compete, type Settings } from "./compete.js";
import { isPinned } from "./contenderProcess.js";
import { bundles, type ContenderSpec, contenders, root } from "./contenders.js";
import { installSizes } from "./installSize.js";
import type { Growth, Measurement, Results } from "./results.js";
import { mainTables, otherTables, plainText } from "./table.js";
import { targetTable } from "./targets.js";
import { type WorkloadName, workloadNames } from "./workloads/index.js";

const values = new Command("npm run bench --")
  .description("measures this library beside its peers")
  .option("--quick", "short turns, without the largest workloads, on this Node only")
  .addOption(
    new Option("--workload <name...>", "workloads to run (default: all)").choices(workloadNames),
  )
  .option("--peer <name>", "peer to measure, can be repeated; none for ours alone", collect)
  .option("--rounds <n>", "turns of each contender", count)
  .option("--output <file>", "where results go (default: bench/results)")
  .parse()
  .opts();

/** What takes longest, left out of a quick run. */
const slow: readonly WorkloadName[] = ["W3big", "W4conv", "W7_1024", "W8_10k"];

function chosenWorkloads(): readonly WorkloadName[] {
  const usual = values.quick ? workloadNames.filter((name) => !slow.includes(name)) : workloadNames;
  return values.workload ?? usual;
}

/** Contenders by `--peer`, which names one or all whose names begin so; ours always take part. */
function chosenContenders(all: readonly ContenderSpec[]): readonly ContenderSpec[] {
  const { peer } = values;
  if (peer === undefined) return all;
  const isMeant = ({ name }: ContenderSpec, wanted: string) =>
    name === wanted || name.startsWith(`${wanted}-`);
  for (const wanted of peer) {
    if (wanted !== "none" && !all.some((one) => isMeant(one, wanted))) {
      const names = all.filter(({ ours }) => !ours).map(({ name }) => name);
      throw new Error(`--peer ${wanted}: one of ${names.join(", ")}, or none`);
    }
  }
  return all.filter((one) => one.ours || peer.some((wanted) => isMeant(one, wanted)));
}

function settingsOf(): Settings {
  const usual = values.quick
    ? { rounds: 2, milliseconds: 100, warmUp: 300, patience: 30 }
    : { rounds: 3, milliseconds: 300, warmUp: 500, patience: 90 };
  return { ...usual, rounds: values.rounds ?? usual.rounds };
}

/** Installs the peers that npm carries. Their install scripts fetch from elsewhere, and none is needed. */
function installPeers(): void {
  if (existsSync(`${root}bench/node_modules/.package-lock.json`)) return;
  console.log("installing the peers");
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"];
  execFileSync("npm", args, { cwd: `${root}bench`, stdio: "inherit" });
}

function bundle(): void {
  const peers = ["jaxjs", "tfjs", "onnxruntime"].map((name) => [name, `peers/${name}.mjs`]);
  const own = [["ours", "ours/main.ts"], ...["peak", "growth"].map((name) => [name, `${name}.ts`])];
  buildSync({
    entryPoints: Object.fromEntries(
      [...own, ...peers].map(([name, file]) => [name, `${root}bench/${file}`]),
    ),
    ...{ outdir: bundles, bundle: true, platform: "node", format: "esm", packages: "external" },
    logLevel: "warning",
  });
}

function growthOf(repeats: number): Growth[] {
  const args = [`${bundles}/growth.js`, String(repeats)];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8" }));
}

function packageVersions(): Record<string, string> {
  const { dependencies } = JSON.parse(readFileSync(`${root}bench/package.json`, "utf8"));
  return { node: process.version, ...dependencies };
}

function machine(before: number): Results["machine"] {
  return {
    processor: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    pinned: isPinned,
    load: [before, loadavg()[0] ?? 0],
  };
}

async function measureAll(
  workloads: readonly WorkloadName[],
  specs: readonly ContenderSpec[],
  settings: Settings,
  versions: Record<string, string>,
): Promise<Measurement[]> {
  const found: Measurement[] = [];
  for (const [at, workload] of workloads.entries()) {
    const start = performance.now();
    const measured = await compete(workload, specs, settings, (name, version) => {
      versions[name] = version;
    });
    found.push(...measured);
    const seconds = ((performance.now() - start) / 1000).toFixed(0);
    console.log(
      `${at + 1}/${workloads.length} ${workload}: ${measured.length} contenders, ${seconds} s`,
    );
    for (const { contender, error } of measured) {
      if (error !== undefined) console.log(`    ${contender}: ${error}`);
    }
  }
  return found;
}

const start = performance.now();
const before = loadavg()[0] ?? 0;
const [workloads, settings] = [chosenWorkloads(), settingsOf()];
const isWhole = values.workload === undefined;
installPeers();
bundle();
const node24 = values.quick ? undefined : fetchNode24();
const specs = chosenContenders(contenders(workloadNames, node24));
const versions = packageVersions();
const measurements = await measureAll(workloads, specs, settings, versions);
const isChosen = (name: string) =>
  name.startsWith("node") ||
  name.startsWith("adjoint") ||
  specs.some((one) => one.name.split("-2")[0] === name || one.name.startsWith(`${name}-`));
const results: Results = {
  date: new Date().toISOString(),
  machine: machine(before),
  versions,
  settings: { ...settings, seconds: 0 },
  contenders: specs.map(({ name, title, ours, threads }) => ({ name, title, ours, threads })),
  measurements,
  coldStarts: isWhole ? await coldStarts(isChosen, values.quick ? 3 : 9, node24) : [],
  growth: isWhole ? growthOf(values.quick ? 1 : 3) : [],
  installSizes: isWhole ? installSizes(isChosen) : [],
};
const seconds = Math.round((performance.now() - start) / 1000);
const output =
  values.output ?? `${root}bench/results/${results.date.slice(0, 16).replaceAll(":", "-")}.json`;
mkdirSync(dirname(output), { recursive: true });
const written = { ...results, settings: { ...results.settings, seconds } };
writeFileSync(output, `${JSON.stringify(written, null, 1)}\n`);
for (const table of [...mainTables(results), ...otherTables(results), targetTable(results)]) {
  if (table.rows.length > 0) console.log(plainText(table));
}
console.log(`\n${output}, after ${seconds} s`);
