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

/** Numbers at which an elementwise operator may differ. */
export type ArgumentKind = "pole" | "negativeZero" | "notInt32" | "nan" | "notPositive";

/**
 * What has to hold for an array that differs before it counts as explained:
 *
 * - `quotients`: it is a gradient, and ours agrees with difference quotients; at a kink, with one between those of both sides.
 *   Where it says so, MXNet's is besides 0, ours with the other sign, or near ours (`within`, relative), they differ `at` arguments of
 *   a kind alone, or it is the gradient of one `argument`
 * - `lastPass`: it is a gradient with the request `add`; MXNet's is one pass's, ours all passes'
 * - `resultAsHead`: it is a gradient, and MXNet's is ours for the results as head gradients
 * - `single`: in float64, and ours agrees with MXNet's to the precision of float32
 * - `half`: in float16, and they agree to one and a half digits
 * - `rounding`: both are no farther from that of double precision than roundings of inputs and results explain
 * - `nan`: ours is NaN wherever they differ
 * - `poisoned`: MXNet's is NaN wherever they differ
 * - `infinite`: MXNet's is infinite wherever they differ
 * - `wholeSteps`: MXNet's are start + i step of `arange`, both without their fractions
 * - `decayAfter`: MXNet's momentum is ours, with the decay of the weights after the step
 * - `arguments`: they differ only at arguments of a kind
 * - `nanLines`: they differ only in lines along the axis that hold NaN
 * - `nanWindows`: they differ only at cells that share a window with NaN
 * - `outside`: they differ only where a length or a label is one that the axis does not have, or, in a gradient, by a head gradient
 * - `integers`: ours are the numbers of double precision, cut off modulo 2^bits; where it says so, they differ only where these are
 *   `beyond` the dtype, or beyond what float32 holds exactly
 * - `indices`: with the lowest int32 for indices that int32 can't hold, as x86 converts them, we give MXNet's numbers
 * - `dtype`: results are MXNet's numbers in another dtype, and no gradient differs from 0
 * - `deconvolution`: ours agrees with the definition, computed term by term, or theirs does, where it says so
 * - `impossibleLabels`: they differ only for sequences whose CTC loss is infinite, or that have no labels
 * - `ignored`: without these attributes, and the arguments that belong to them, we give MXNet's numbers
 *
 * Or of a case that we refuse:
 *
 * - `refused`: with this error; MXNet's results are nothing but `bounds`, hold the `lowest` number, have gradients of 0 alone
 *   (`noGradient`), are ours with the first two axes exchanged (`otherAxis`), or we refuse it no more once inputs are moved by
 *   roundings (`rounding`)
 */
export type Evidence =
  | {
      readonly kind:
        | "lastPass"
        | "resultAsHead"
        | "single"
        | "half"
        | "nan"
        | "poisoned"
        | "infinite"
        | "wholeSteps"
        | "decayAfter"
        | "nanLines"
        | "nanWindows"
        | "impossibleLabels"
        | "dtype";
    }
  | {
      readonly kind: "quotients";
      readonly theirs?: "zero" | "negative";
      readonly within?: number;
      readonly at?: ArgumentKind;
      /** Elsewhere they agree to the precision of float32, in float64 as well. */
      readonly elsewhere?: "single";
      readonly argument?: number;
    }
  | { readonly kind: "deconvolution"; readonly whose?: "ours" | "theirs" }
  | { readonly kind: "integers"; readonly beyond?: "dtype" | "float32" }
  | {
      readonly kind: "rounding";
      /** By operator, attributes that MXNet rounds where a call does not give them. */
      readonly defaults?: Readonly<Record<string, Readonly<Record<string, number>>>>;
    }
  | {
      readonly kind: "arguments";
      readonly are: ArgumentKind;
      /** Elsewhere they agree to the precision of float32, in float64 as well. */
      readonly elsewhere?: "single";
    }
  | { readonly kind: "indices"; readonly argument: number }
  | {
      readonly kind: "outside";
      /** Which argument of the call holds lengths, counted from 1, or labels, counted from 0. */
      readonly argument: number;
      readonly least: 0 | 1;
      /** The axis that they are about, unless the call says so. */
      readonly axis: number;
    }
  | {
      readonly kind: "ignored";
      readonly attrs: readonly string[];
      /** How many of the last arguments belong to them. */
      readonly lastArguments?: number;
    }
  | {
      readonly kind: "refused";
      readonly error: string;
      readonly shows: "bounds" | "lowest" | "noGradient" | "otherAxis" | "rounding";
    };

/** Cases of the golden data that may differ: by operator and condition, never by name. All given fields must hold. */
export interface GoldenCondition {
  /** MXNet's names; the case's program calls one of them. Any, if absent. */
  readonly ops?: readonly string[];
  /** Attributes of that call. */
  readonly attrs?: Readonly<Record<string, unknown>>;
  /** Attributes that the call has, whatever their values. */
  readonly hasAttr?: string | readonly string[];
  /** How the numbers of the case show that this is the reason: any of these. */
  readonly evidence: Evidence | readonly Evidence[];
  /** Only where gradients of gradients are taken. */
  readonly order?: 2;
  /** Only where an input holds one of these numbers. */
  readonly inputHas?: readonly (number | "NaN" | "Infinity" | "-Infinity")[];
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
