/**
 * Makes `docs/differences.md` from `docs/differences.json`: `tsx scripts/differences.ts`.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** One place where this library does on purpose what MXNet 1.9.1 does not. */
export interface Difference {
  /** Section of the page. */
  readonly area: string;
  readonly when: string;
  readonly mxnet: string;
  readonly adjoint: string;
  readonly reason: string;
  /** Body of a function over the names that `adjoint` exports. */
  readonly run: string;
  /** What `run` returns, as Node prints it with six digits; or the name of the error that it throws. */
  readonly gives: string;
  /** Which recorded numbers of MXNet's this explains. */
  readonly golden?: GoldenCondition;
}

/**
 * What has to hold for the numbers of a case before it counts as explained:
 *
 * - `quotients`: only gradients differ, and ours agree with difference quotients
 * - `lastPass`: only gradients with the request `add` differ; MXNet's are one pass's, ours all passes'
 * - `resultAsHead`: only gradients differ, and MXNet's are ours for the results as head gradients
 * - `single`: in float64, and ours agree with MXNet's to the precision of float32
 * - `nan`: ours are NaN wherever they differ
 * - `ignored`: without these attributes, and the arguments that belong to them, we give MXNet's numbers
 */
export type Evidence =
  | { readonly kind: "quotients" | "lastPass" | "resultAsHead" | "single" | "nan" }
  | {
      readonly kind: "ignored";
      readonly attrs: readonly string[];
      /** How many of the last arguments belong to them. */
      readonly lastArguments?: number;
    };

/** Cases of the golden data that may differ: by operator and condition, never by name. All given fields must hold. */
export interface GoldenCondition {
  /** MXNet's names; the case's program calls one of them. */
  readonly ops: readonly string[];
  /** Attributes of that call. */
  readonly attrs?: Readonly<Record<string, unknown>>;
  /** An attribute that the call has, whatever its value. */
  readonly hasAttr?: string;
  /** How the numbers of the case show that this is the reason. */
  readonly evidence: Evidence;
  /** Only where gradients of gradients are taken. */
  readonly order?: 2;
  /** Only where an input holds this number, or NaN. */
  readonly inputHas?: number | "NaN";
  /** Only where an input has this dtype. */
  readonly dtype?: string;
  /** Only where an input's gradient is requested so. */
  readonly gradReq?: "add";
}

function isDifference(row: unknown): row is Difference {
  if (typeof row !== "object" || row === null) return false;
  const entries = new Map(Object.entries(row));
  const fields = ["area", "when", "mxnet", "adjoint", "reason", "run", "gives"];
  const known = fields.length + (entries.has("golden") ? 1 : 0);
  return entries.size === known && fields.every((name) => typeof entries.get(name) === "string");
}

function readDifferences(): readonly Difference[] {
  const rows: unknown = JSON.parse(readFileSync(pathOf("differences.json"), "utf8"));
  if (Array.isArray(rows) && rows.every(isDifference)) return rows;
  throw new Error("docs/differences.json: a row lacks a field, or has one too many");
}

function pathOf(name: string): string {
  return fileURLToPath(new URL(`../docs/${name}`, import.meta.url));
}

/** Every difference, in the page's order. */
export const differences: readonly Difference[] = readDifferences();

const introduction = `# Differences from MXNet 1.9.1

The model is MXNet's \`nd\` and \`autograd\`, as they behave and not only as they are documented.
This page lists where Adjoint differs on purpose: where MXNet crashes, reads memory that it should
not, gives a wrong number, loses an error, or cannot do what its own rules promise. Everything else
follows MXNet, odd corners included; the ones that bite are in [pitfalls](pitfalls.md).

Names are in camelCase (\`attach_grad\` is \`attachGrad\`, \`broadcast_add\` is \`broadcastAdd\`;
layers such as \`FullyConnected\` keep theirs), attributes come as one object of options at the end
(\`nd.sum(x, { axis: 0 })\`), operators of Python are methods (\`x + y\` is \`x.add(y)\`, \`x[1:3]\`
is \`x.at([1, 3])\`, \`x += 1\` is \`x.addAssign(1)\`), and a scope takes a callback or serves
\`using\` where Python has \`with\`.

There are no devices other than the CPU, no sparse arrays, and neither the Symbol API nor Gluon.

This page is made from [differences.json](differences.json), which also holds a small program for
each row; a test runs them all.
`;

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

function section(area: string, rows: readonly Difference[]): string {
  const lines = rows.map(({ when, mxnet, adjoint, reason }) =>
    [when, mxnet, adjoint, reason].map(cell).join(" | "),
  );
  const head = "| when | MXNet 1.9.1 | Adjoint | why |\n| --- | --- | --- | --- |";
  return `\n## ${area}\n\n${head}\n${lines.map((line) => `| ${line} |\n`).join("")}`;
}

/** The page as Markdown. */
export function differencesPage(rows: readonly Difference[]): string {
  const areas = [...new Set(rows.map(({ area }) => area))];
  const sections = areas.map((area) =>
    section(
      area,
      rows.filter((row) => row.area === area),
    ),
  );
  return introduction + sections.join("");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(pathOf("differences.md"), differencesPage(differences));
}
