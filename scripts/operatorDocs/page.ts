import { dtypes } from "@adjoint/graph";
import { operators } from "@adjoint/ops";
import { type ExampleRun, runExample } from "./examples.js";
import { type Family, families, withoutOperators } from "./families.js";
import { graphForm } from "./graphForm.js";
import { anchor, blocks, codeBlock, table } from "./markdown.js";
import { pathOf, type PublicFunction } from "./publicFunctions.js";

/** A function, and what running its example showed. */
export interface Documented extends PublicFunction {
  readonly run: ExampleRun;
}

/** Runs all examples. */
export function document(functions: readonly PublicFunction[]): readonly Documented[] {
  return functions.map((one) => ({ ...one, run: runExample(one.name, one.docs.example) }));
}

const intro = `<!-- Generated from the docstrings by \`npm run docs:operators\`; edit those. -->

# Operators

Every function of \`nd\` by family, and those of \`autograd\`. The examples run as they stand, in a fresh
process with \`import { autograd, nd } from "adjoint"\`; the comment behind a line is its value.

- A \`DType\` is one of ${dtypes.join(", ")}.
- The arguments of one call share a dtype, unless it says otherwise: a DTypeError if they do not. A number beside an
  array takes the array's dtype.
- An argument that is no array is an ArgumentError, an option that is not listed an AttributeError. Both are thrown at
  the call, like all errors but those said to come "when it runs".
- **Derivative** says what reaches the arguments when dY, the head gradient, reaches the result. An argument that is
  not mentioned gets nothing.
- **In the graph** names the operators that the call in the example comes to, with the kernel that runs each, or the
  operators that it is expanded to. They are listed [at the end](#operators-of-the-graph).`;

/** The operator reference as Markdown; the same for the same sources. Throws where an example fails. */
export function operatorsPage(functions: readonly Documented[]): string {
  for (const { name, run } of functions) {
    if (run.failure !== undefined) throw new Error(`example of ${pathOf(name)}: ${run.failure}`);
  }
  const sections = families.map((family) => {
    const members = functions.filter((one) => one.family === family);
    return blocks([`## ${family}`, summary(members), ...members.map(entry)]);
  });
  return `${blocks([intro, index(functions), ...sections, graphOperators()])}\n`;
}

function heading({ name }: PublicFunction): string {
  return pathOf(name);
}

function link(one: PublicFunction): string {
  return `[${one.name}](${anchor(heading(one))})`;
}

function index(functions: readonly Documented[]): string {
  const lines = families.map((family: Family) => {
    const members = functions.filter((one) => one.family === family);
    return `- [${family}](${anchor(family)}): ${members.map(link).join(", ")}`;
  });
  return blocks(["## Index", lines.join("\n")]);
}

function summary(members: readonly Documented[]): string {
  const rows = members.map((one) => [
    link(one),
    one.aliases.join(", "),
    firstSentence(one.docs.description),
  ]);
  return table(["function", "also", "what it gives"], rows);
}

function firstSentence(text: string): string {
  return /^[\s\S]*?[.:](?=\s|$)/.exec(text)?.[0].replace(/:$/, ".") ?? text;
}

function entry(one: Documented): string {
  const { docs } = one;
  const inGraph = graphForm(one.run.emitted);
  return blocks([
    `### ${heading(one)}`,
    one.aliases.length === 0
      ? ""
      : `Also ${one.aliases.map((name) => `\`${pathOf(name)}\``).join(", ")}.`,
    codeBlock(one.signatures.join("\n")),
    docs.description,
    parameterTable(one),
    optionTable(one),
    [
      fact("Result", docs.returns),
      ...(docs.derivative === "" ? [] : [fact("Derivative", docs.derivative)]),
      ...docs.edges.map((text) => fact("Edge case", text)),
      ...docs.throws.map((text) => fact("Throws", text)),
      ...(withoutOperators.has(one.family)
        ? []
        : [fact("In the graph", inGraph || "nothing: no operator is applied")]),
    ].join("\n"),
    codeBlock(docs.example),
  ]);
}

function fact(name: string, text: string): string {
  return `- **${name}**: ${text}`;
}

function parameterTable({ parameters, docs }: PublicFunction): string {
  const rows = parameters.map((name) => [`\`${name}\``, docs.params.get(name) ?? ""]);
  return table(["parameter", "meaning"], rows);
}

function optionTable({ options }: PublicFunction): string {
  const rows = options.map(({ name, type, required, byDefault, meaning }) => [
    `\`${name}\``,
    `\`${type}\``,
    required ? "required" : `\`${byDefault}\``,
    meaning,
  ]);
  return table(["option", "type", "default", "meaning"], rows);
}

/** Every operator that a recorded graph may hold, those that no function is named after too. */
function graphOperators(): string {
  const sorted = [...operators].sort((a, b) => (a.name < b.name ? -1 : 1));
  const rows = sorted.map((op) => [
    `\`${op.name}\``,
    op.kernel === undefined ? "composite" : "primitive",
    Object.entries(op.attrs)
      .map(([name, kind]) => `\`${name}: ${kind}\``)
      .join(", "),
    op.docs,
    derivativeForm(op.vjp),
  ]);
  return blocks([
    "## Operators of the graph",
    "What dumps and saved graphs hold. Full reductions have shape `()` here, axes are counted from the front.",
    table(["operator", "form", "attributes", "meaning", "derivative"], rows),
  ]);
}

function derivativeForm(vjp: object | undefined): string {
  if (vjp === undefined) return "through its parts";
  return "none" in vjp ? `0: ${String(vjp.none)}` : "its own rule";
}
