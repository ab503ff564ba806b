import { nearestName, siteIn } from "@adjoint/graph";
import { Command, CommanderError } from "commander";
import { dump } from "./dump.js";
import { extname, readText } from "./host.js";
import { type Format, formats, type View } from "./render.js";
import { allowClosedOutput, exit, tell, writeOutput } from "./terminal.js";
import { UsageError } from "./usageError.js";

const success = 0;
const failure = 1;
const wrongUse = 2;

const guide = `
MODULE exports a function of NDArrays that returns an NDArray or a list of them; TypeScript needs no build step.
MODULE may also be a graph in JSON, as --format json writes it.

SHAPE is [dtype:]lengths[=value], such as 4x1, 4,1, 1, float64:4x1 or 4x1=0.5. Without a value, floats are standard
normal numbers from seed 0, and integers are ones.

What the module prints goes to standard error.

Examples:
  adjoint dump model.ts --arg 4x1
  adjoint dump model.ts#loss --arg 8x3 --arg 3x1=0.5 --format dot -o loss.dot
  adjoint dump loss.json --backward

Exit codes: 0; 1 if the program fails; 2 for wrong use.`;

/** The options as commander gives them. */
interface DumpOptions {
  readonly arg?: readonly string[];
  readonly forward?: true;
  readonly backward?: true;
  readonly joint?: true;
  readonly format?: string;
  readonly output?: string;
}

const endings: Readonly<Record<string, Format>> = { ".dot": "dot", ".gv": "dot", ".json": "json" };

function formatOf({ format, output }: DumpOptions): Format {
  if (format === undefined) return endings[extname(output ?? "")] ?? "text";
  const known = formats.find((one) => one === format);
  if (known !== undefined) return known;
  const near = nearestName(format, formats);
  const hint = near === undefined ? `allowed: ${formats.join(", ")}` : `did you mean ${near}?`;
  throw new UsageError(`unknown format "${format}"; ${hint}`);
}

function viewOf({ forward, backward, joint }: DumpOptions): View {
  if (joint !== undefined) {
    if (forward === undefined && backward === undefined) return "joint";
    throw new UsageError("--joint shows both graphs as one; leave out --forward and --backward");
  }
  if (forward === backward) return "both";
  return forward === undefined ? "backward" : "forward";
}

function version(): string {
  const text = readText(new URL("../package.json", import.meta.url));
  const content: { readonly version?: unknown } = JSON.parse(text);
  return String(content.version);
}

async function runDump(module: string, options: DumpOptions): Promise<void> {
  const request = {
    module,
    args: options.arg ?? [],
    view: viewOf(options),
    format: formatOf(options),
  };
  const text = await dump(request);
  if (options.output === undefined) process.stdout.write(text);
  else writeOutput(options.output, text);
}

function program(): Command {
  const root = new Command("adjoint")
    .description("Automatic differentiation for TypeScript")
    .version(version())
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error/, "adjoint")) });
  root
    .command("dump")
    .description("print the graph of a program and the graph of its gradient")
    .argument("<module>", "MODULE, MODULE#export, or a graph file")
    .option("--arg <shape>", "an argument, once per parameter", collect)
    .option("--forward", "only the program")
    .option("--backward", "only the gradient")
    .option("--joint", "program and gradient as one graph")
    .option(
      "--format <format>",
      `${formats.join(", ")} (default: by the ending of FILE, else text)`,
    )
    .option("-o, --output <file>", "write to FILE")
    .addHelpText("after", guide)
    .action(runDump);
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

/** Runs a command line, without the program's name, and gives the exit code. */
export async function run(args: readonly string[]): Promise<number> {
  try {
    await program().parseAsync(args, { from: "user" });
    return success;
  } catch (error) {
    // Commander has already said what is wrong.
    if (error instanceof CommanderError) return error.exitCode === 0 ? success : wrongUse;
    tell(error instanceof UsageError ? error.message : failureText(error));
    return error instanceof UsageError ? wrongUse : failure;
  }
}

/** The command `adjoint`: runs the command line of this process, and ends it. */
export async function main(): Promise<void> {
  allowClosedOutput();
  exit(await run(process.argv.slice(2)));
}
