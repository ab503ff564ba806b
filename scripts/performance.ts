/**
 * Makes `docs/performance.md` from a results file of `npm run bench`: `tsx scripts/performance.ts [FILE]`; without one,
 * from the newest in `bench/results`.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { costs, type Results } from "../bench/results.js";
import { Lookup, mainTables, markdown, otherTables, type Table } from "../bench/table.js";
import { targetTable } from "../bench/targets.js";
import { isWorkloadName, workloads } from "../bench/workloads/index.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = `${root}bench/results`;

/** The last file of results by name, which begins with the date; undefined where nothing was measured. */
export function newestResults(): string | undefined {
  if (!existsSync(folder)) return undefined;
  const last = readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .sort()
    .at(-1);
  return last === undefined ? undefined : `${folder}/${last}`;
}

/** What limits workloads and goals, by their names. */
interface Limits {
  readonly workloads: Readonly<Record<string, string>>;
  readonly goals: Readonly<Record<string, string>>;
}

function section(table: Table): string {
  return `\n## ${table.title}\n\n${markdown(table)}\n`;
}

/** What limits each row, where `limits.json` says so and the row was measured, after the shares of a profile. */
function limitTable(results: Results, limits: Limits["workloads"]): Table {
  const lookup = new Lookup(results);
  const shares = (name: string) => lookup.get(name, lookup.base())?.shares;
  const names = lookup.workloads();
  const isProfiled = names.some((name) => shares(name) !== undefined);
  const cells = (name: string) =>
    isProfiled ? costs.map((cost) => percentText(shares(name)?.[cost])) : [];
  return {
    title: isProfiled ? "Where the time goes, compiled, one thread" : "What limits each row",
    head: ["", "work", ...(isProfiled ? costs : []), "limit"],
    rows: names
      .filter((name) => isWorkloadName(name) && Object.hasOwn(limits, name))
      .map((name) => [name, workloads[name].title, ...cells(name), limits[name] ?? ""]),
  };
}

/** A share in percent; nothing where it is less than half of one. */
function percentText(share = 0): string {
  const percent = Math.round(100 * share);
  return percent === 0 ? "" : `${percent} %`;
}

function introduction(results: Results, file: string): string {
  const { machine, versions, settings, date } = results;
  const listed = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const [before, after] = machine.load.map((one) => one.toFixed(1));
  return `# Performance

Times and ratios of one run on ${date.slice(0, 10)}, in which all contenders took turns; medians. Only
ratios carry over to other machines. [bench/README.md](../bench/README.md) says how it is measured,
\`npm run bench\` does it again, and \`npm run docs:performance\` makes this page from
\`${relative(root, file)}\`.

- Machine: ${machine.processor}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system};
  contenders of one thread ${machine.pinned ? "held to one core" : "not held to a core"}
- Load of the machine: ${before} before the run, ${after} after it
- Versions: ${listed.join(", ")}
- ${settings.rounds} rounds of ${settings.milliseconds} ms, ${Math.round(settings.seconds / 60)} minutes in all
`;
}

/** The page as Markdown. */
export function performancePage(results: Results, file: string): string {
  const limits: Limits = JSON.parse(readFileSync(`${root}bench/limits.json`, "utf8"));
  const tables = [
    ...mainTables(results),
    targetTable(results, limits.goals),
    limitTable(results, limits.workloads),
    ...otherTables(results),
  ];
  const shown = tables.filter(({ rows }) => rows.length > 0).map(section);
  return introduction(results, file) + shown.join("");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [given] = process.argv.slice(2);
  const file = given === undefined ? newestResults() : resolve(given);
  if (file === undefined) throw new Error("bench/results: no results; run npm run bench");
  const results: Results = JSON.parse(readFileSync(file, "utf8"));
  writeFileSync(`${root}docs/performance.md`, performancePage(results, file));
}
