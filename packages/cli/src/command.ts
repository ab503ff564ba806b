import { AdjointError, siteIn } from "@adjoint/graph";
import { costKinds } from "@adjoint/runtime";
import { Command, CommanderError } from "commander";
import { differenceFrom } from "./check.js";
import { dump } from "./dump.js";
import { explore } from "./explore/explore.js";
import { type ExploreOptions, readExploreRequest } from "./explore/request.js";
import { formats } from "./formats.js";
import { guide } from "./guide.js";
import { readText } from "./host.js";
import { type DumpOptions, type DumpRequest, readRequest } from "./request.js";
import { allowClosedOutput, exit, tell, writeOutput } from "./terminal.js";
import { UsageError } from "./usageError.js";

const success = 0;
const failure = 1;
const wrongUse = 2;

/** What was looked for is not as it should be; it has been said already. */
class Failed extends Error {}

function version(): string {
  const text = readText(new URL("../package.json", import.meta.url));
  const content: { readonly version?: unknown } = JSON.parse(text);
  return String(content.version);
}

/** Compares with a kept dump, and fails where they differ. */
function check(file: string, dumped: Parameters<typeof differenceFrom>[1]): void {
  const difference = differenceFrom(file, dumped);
  if (difference === undefined) return;
  tell(`differs from ${file}`);
  process.stdout.write(`${difference}\n`);
  throw new Failed();
}

async function answer(request: DumpRequest): Promise<void> {
  const dumped = await dump(request);
  for (const note of dumped.notes) tell(note);
  if (request.check !== undefined) check(request.check, dumped);
  else if (request.output !== undefined) writeOutput(request.output, dumped.content);
  else process.stdout.write(dumped.content);
  if (dumped.isFailure) throw new Failed();
}

async function runDump(source: string | undefined, options: DumpOptions): Promise<void> {
  await answer(readRequest(source, options));
}

function dumpCommand(): Command {
  return new Command("dump")
    .description("show the graph of a program and the graph of its gradient")
    .argument("[module]", "MODULE, MODULE#export, a graph file, or - for standard input")
    .option("--arg <argument>", "an argument, once per parameter", collect)
    .optionsGroup("Which graph:")
    .option("--forward", "only the program")
    .option("--backward", "only the gradient")
    .option("--joint", "program and gradient as one")
    .option("--order <n>", "the gradient's gradient and so on, 1 to 4 (default: 1)")
    .option("--wrt <names>", "variables to differentiate by (default: all)")
    .option("--passes <point>", "all passes, or the graph before:NAME or after:NAME")
    .option("--diff <a...>", "what changed between two files or two points between passes")
    .optionsGroup("Which rows:")
    .option(
      "--select <predicate>",
      "rows for which it holds: 'op=dot', 'scope~mlp/* and dtype=float64'",
    )
    .option("--around <node>", "a row and its surroundings: 5, b30, x")
    .option("--radius <n>", "how far around (default: 2)")
    .option("--depth <n>", "scopes deeper than this as one row each")
    .option("--max-rows <n>", "rows that are laid out before graphs are collapsed (default: 400)")
    .optionsGroup("What else is known:")
    .option("--cost <kinds>", `${costKinds.join(",")}, or all`)
    .option("--values", "least, mean and greatest value, NaN count; small arrays in full")
    .option("--profile", "time per node; with --plan, per step of the plan")
    .option("--nan", "the first node that makes a NaN or infinity; exit code 1 if there is one")
    .option("--plan", "how it runs compiled: fused steps, their code, memory and lifetimes")
    .option("--threads <n>", "with --plan: threads that share its steps (default: 1)")
    .option("--trace-tree", "paths that the program took, and what it read where they part")
    .option("--again <arguments>", "call once more with these, for the trace tree", collect)
    .optionsGroup("How it is written:")
    .option(
      "--format <format>",
      `${formats.join(", ")} (default: by the ending of FILE, else text)`,
    )
    .option("--full", "text that leaves nothing out")
    .option("--direction <direction>", "down or right (default: down)")
    .option("-o, --output <file>", "write to FILE")
    .option("--check <file>", "compare with a kept dump; exit code 1 where they differ")
    .addHelpText("after", guide)
    .action(runDump);
}

async function runExplore(source: string, options: ExploreOptions): Promise<void> {
  if (!(await explore(readExploreRequest(source, options)))) throw new Failed();
}

const exploreGuide = `
Serves on 127.0.0.1 and prints the address; the page follows the source as it is saved. ARGUMENT is as in adjoint dump.

Examples:
  adjoint explore model.ts#loss --arg 8x3 --arg 3x1 --open
  adjoint explore model.ts --arg 4x1 --html model.html`;

function exploreCommand(): Command {
  return new Command("explore")
    .description("look at a program and its gradient in the browser")
    .argument("<module>", "MODULE, MODULE#export, or a graph file")
    .option("--arg <argument>", "an argument, once per parameter", collect)
    .option("--again <arguments>", "call once more with these, for the trace tree", collect)
    .option("--port <port>", "where to listen (default: a free one)")
    .option("--open", "open the browser")
    .option("--html <file>", "write one file that needs no server")
    .addHelpText("after", exploreGuide)
    .action(runExplore);
}

function program(): Command {
  const root = new Command("adjoint")
    .description("Automatic differentiation for TypeScript")
    .version(version());
  root.addCommand(dumpCommand());
  root.addCommand(exploreCommand());
  for (const one of [root, ...root.commands]) {
    one.exitOverride().configureOutput({
      outputError: (text, write) => write(text.replace(/^error/, "adjoint")),
    });
  }
  return root;
}

function collect(one: string, before: readonly string[] = []): readonly string[] {
  return [...before, one];
}

/** What a failing program says, with the line of the user's code. */
function failureText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const text = `${error.name}: ${error.message}`;
  const site = error.stack === undefined ? undefined : siteIn(error.stack);
  return site === undefined || error.message.includes(site) ? text : `${text}; ${site}`;
}

/** Views are asked for on the command line: what refuses them refuses that. */
function isWrongUse(error: unknown): boolean {
  const ops = ["select", "around", "collapseScopes"];
  return error instanceof UsageError || (error instanceof AdjointError && ops.includes(error.op));
}

/** Runs a command line, without the program's name, and gives the exit code. */
export async function run(args: readonly string[]): Promise<number> {
  try {
    await program().parseAsync(args, { from: "user" });
    return success;
  } catch (error) {
    if (error instanceof Failed) return failure;
    // Commander has already said what is wrong.
    if (error instanceof CommanderError) return error.exitCode === 0 ? success : wrongUse;
    const isUse = isWrongUse(error);
    tell(isUse && error instanceof Error ? error.message : failureText(error));
    return isUse ? wrongUse : failure;
  }
}

/** The command `adjoint`: runs the command line of this process, and ends it. */
export async function main(): Promise<void> {
  allowClosedOutput();
  exit(await run(process.argv.slice(2)));
}
