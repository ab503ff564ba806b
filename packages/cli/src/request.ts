import { type CostKind, costKinds } from "@adjoint/runtime";
import { type Format, formatOfEnding, formats } from "./formats.js";
import { extname } from "./host.js";
import { knownWord, UsageError, wholeNumber } from "./usageError.js";

/** What of a program and its gradient is shown. */
export type View = "both" | "forward" | "backward" | "joint";

/** A state of a graph between two passes. */
export interface PassPoint {
  readonly when: "before" | "after";
  /** Name of the pass, or `start` and `end` of all. */
  readonly pass: string;
  /** Which pass of this name, from 1. */
  readonly time: number;
}

/** One side of a difference. */
export type DiffSide =
  | { readonly kind: "file"; readonly file: string }
  | { readonly kind: "point"; readonly point: PassPoint };

/** What is asked about the graphs. */
export type Show =
  | { readonly kind: "graphs" }
  | { readonly kind: "passes" }
  | { readonly kind: "pass"; readonly point: PassPoint }
  | { readonly kind: "diff"; readonly before: DiffSide; readonly after: DiffSide }
  | { readonly kind: "plan" }
  | { readonly kind: "traceTree" }
  | { readonly kind: "nan" };

/** Which rows are shown. */
export type Selection =
  | { readonly kind: "all" }
  | { readonly kind: "select"; readonly predicate: string }
  | { readonly kind: "around"; readonly row: string; readonly radius: number }
  | { readonly kind: "depth"; readonly depth: number };

/** What is written beside rows. */
export interface Annotations {
  readonly cost: readonly CostKind[];
  readonly values: boolean;
  readonly profile: boolean;
}

/** What `adjoint dump` was asked for. */
export interface DumpRequest {
  /** `MODULE`, `MODULE#export`, a graph file, `-` for standard input; undefined where files are compared. */
  readonly source: string | undefined;
  /** One per argument, as `parseArgumentSpec` reads them. */
  readonly args: readonly string[];
  /** Arguments of further calls of the function, for the trace tree. */
  readonly again: readonly (readonly string[])[];
  readonly view: View;
  readonly order: number;
  /** Names of what to differentiate by; undefined for all. */
  readonly wrt: readonly string[] | undefined;
  readonly show: Show;
  readonly selection: Selection;
  readonly annotations: Annotations;
  readonly format: Format;
  readonly output: string | undefined;
  /** A kept dump to compare with. */
  readonly check: string | undefined;
  /** Threads of the plan. */
  readonly threads: number;
  /** Text that leaves nothing out. */
  readonly full: boolean;
  readonly direction: "down" | "right";
  /** How many rows are laid out; larger graphs are collapsed. */
  readonly maxRows: number;
}

/** The options as commander gives them. */
export interface DumpOptions {
  readonly arg?: readonly string[];
  readonly again?: readonly string[];
  readonly forward?: true;
  readonly backward?: true;
  readonly joint?: true;
  readonly order?: string;
  readonly wrt?: string;
  readonly passes?: string;
  readonly diff?: readonly string[];
  readonly select?: string;
  readonly around?: string;
  readonly radius?: string;
  readonly depth?: string;
  readonly maxRows?: string;
  readonly traceTree?: true;
  readonly plan?: true;
  readonly threads?: string;
  readonly cost?: string;
  readonly values?: true;
  readonly profile?: true;
  readonly nan?: true;
  readonly format?: string;
  readonly direction?: string;
  readonly full?: true;
  readonly output?: string;
  readonly check?: string;
}

const defaultRadius = 2;
const defaultMaxRows = 400;

function formatOf({ format, output, check }: DumpOptions): Format {
  if (format !== undefined) return knownWord("--format", format, formats);
  return formatOfEnding(extname(output ?? check ?? "")) ?? "text";
}

function viewOf({ forward, backward, joint }: DumpOptions): View {
  if (joint !== undefined) {
    if (forward === undefined && backward === undefined) return "joint";
    throw new UsageError("--joint shows both graphs as one; leave out --forward and --backward");
  }
  if (forward === backward) return "both";
  return forward === undefined ? "backward" : "forward";
}

/** `before:NAME`, `after:NAME`, with `:2` for the second pass of this name. */
export function readPassPoint(option: string, text: string): PassPoint {
  const { when, pass, time } =
    /^(?<when>before|after):(?<pass>[^:]+)(?::(?<time>\d+))?$/.exec(text)?.groups ?? {};
  if ((when === "before" || when === "after") && pass !== undefined) {
    return { when, pass, time: Number(time ?? 1) };
  }
  throw new UsageError(
    `${option} ${text}: not a point between passes; allowed: before:NAME, after:NAME, after:NAME:2 for the second of this name`,
  );
}

function sideOf(text: string): DiffSide {
  if (text === "start") return { kind: "point", point: { when: "before", pass: "start", time: 1 } };
  if (text === "end") return { kind: "point", point: { when: "after", pass: "end", time: 1 } };
  if (/^(before|after):/.test(text)) return { kind: "point", point: readPassPoint("--diff", text) };
  return { kind: "file", file: text };
}

function diffOf([before, after, ...others]: readonly string[], source: string | undefined): Show {
  if (before === undefined || after === undefined || others.length > 0) {
    throw new UsageError("--diff takes two files, or two points between passes; put it last");
  }
  const show = { kind: "diff", before: sideOf(before), after: sideOf(after) } as const;
  const points = [show.before, show.after].filter(({ kind }) => kind === "point").length;
  if (points > 0 && source === undefined) {
    throw new UsageError(`--diff ${before} ${after}: points between passes need a MODULE or graph`);
  }
  if (points === 0 && source !== undefined) {
    throw new UsageError(
      `--diff ${before} ${after}: two files need no MODULE; leave ${source} out`,
    );
  }
  return show;
}

function showOf(options: DumpOptions, source: string | undefined): Show {
  const { passes, diff, traceTree, plan, nan } = options;
  const asked = Object.entries({ passes, diff, "trace-tree": traceTree, plan, nan })
    .filter(([, value]) => value !== undefined)
    .map(([name]) => `--${name}`);
  if (asked.length > 1) throw new UsageError(`${asked.join(" and ")}: one at a time`);
  if (diff !== undefined) return diffOf(diff, source);
  if (traceTree !== undefined) return { kind: "traceTree" };
  if (plan !== undefined) return { kind: "plan" };
  if (nan !== undefined) return { kind: "nan" };
  if (passes === undefined) return { kind: "graphs" };
  if (passes === "all") return { kind: "passes" };
  return { kind: "pass", point: readPassPoint("--passes", passes) };
}

function selectionOf(options: DumpOptions): Selection {
  const { select, around, radius, depth } = options;
  const asked = Object.entries({ select, around, depth })
    .filter(([, value]) => value !== undefined)
    .map(([name]) => `--${name}`);
  if (asked.length > 1) throw new UsageError(`${asked.join(" and ")}: one at a time`);
  if (radius !== undefined && around === undefined) {
    throw new UsageError("--radius goes with --around NODE");
  }
  if (select !== undefined) return { kind: "select", predicate: select };
  if (depth !== undefined) return { kind: "depth", depth: wholeNumber("--depth", depth, 0) };
  if (around === undefined) return { kind: "all" };
  const reach = radius === undefined ? defaultRadius : wholeNumber("--radius", radius, 0);
  return { kind: "around", row: around, radius: reach };
}

function costOf(text: string | undefined): readonly CostKind[] {
  if (text === undefined) return [];
  if (text === "all") return costKinds;
  return listOf("--cost", text).map((word) => knownWord("--cost", word, costKinds));
}

function listOf(option: string, text: string): readonly string[] {
  const words = text.split(",").map((word) => word.trim());
  if (words.every((word) => word !== "")) return words;
  throw new UsageError(`${option} ${text}: an empty name`);
}

function checkCombination(request: DumpRequest): void {
  const { show, selection, annotations, source, view, check, output } = request;
  const { cost, values, profile } = annotations;
  const refuse = (problem: string) => {
    throw new UsageError(problem);
  };
  if (source === undefined && show.kind !== "diff") refuse("no MODULE; see adjoint dump --help");
  const isAnnotated = cost.length > 0 || values || profile;
  if (show.kind === "plan" && (cost.length > 0 || values)) {
    refuse("--cost and --values go with graphs; of what is known, --plan takes --profile");
  }
  if (show.kind !== "graphs" && show.kind !== "plan" && isAnnotated) {
    refuse("--cost, --values and --profile go with graphs, not with passes and the like");
  }
  if (request.threads > 1 && show.kind !== "plan") refuse("--threads goes with --plan");
  const takesRows = show.kind === "graphs" || show.kind === "pass";
  if (!takesRows && selection.kind !== "all") {
    refuse("--select, --around and --depth go with graphs");
  }
  const isOfPasses = show.kind === "passes" || show.kind === "pass" || show.kind === "diff";
  if (isOfPasses && view === "joint") {
    refuse("passes change one graph; use --forward or --backward (the default)");
  }
  if (request.again.length > 0 && show.kind !== "traceTree")
    refuse("--again goes with --trace-tree");
  if (check !== undefined && output !== undefined) refuse("--check writes nothing; leave out -o");
}

function checkFormat({ show, selection, format }: DumpRequest): void {
  const isList = ["traceTree", "passes", "nan"].includes(show.kind);
  if (isList && format !== "text" && format !== "json") {
    throw new UsageError(`--format ${format}: this is a list; allowed: text, json`);
  }
  if (format === "json" && selection.kind === "depth") {
    throw new UsageError("--format json holds every row; leave out --depth");
  }
}

/**
 * What the options ask for.
 *
 * @throws UsageError for values that are not understood, and for options that contradict each other
 */
export function readRequest(source: string | undefined, options: DumpOptions): DumpRequest {
  const { wrt, direction, order, maxRows } = options;
  const request: DumpRequest = {
    source,
    args: options.arg ?? [],
    again: (options.again ?? []).map((text) => text.split(/\s+/).filter((one) => one !== "")),
    view: viewOf(options),
    order: order === undefined ? 1 : wholeNumber("--order", order, 1, 4),
    wrt: wrt === undefined ? undefined : listOf("--wrt", wrt),
    show: showOf(options, source),
    selection: selectionOf(options),
    annotations: {
      cost: costOf(options.cost),
      values: options.values === true,
      profile: options.profile === true,
    },
    format: formatOf(options),
    output: options.output,
    check: options.check,
    threads: options.threads === undefined ? 1 : wholeNumber("--threads", options.threads, 1, 64),
    full: options.full === true,
    direction: knownWord("--direction", direction ?? "down", ["down", "right"] as const),
    maxRows: maxRows === undefined ? defaultMaxRows : wholeNumber("--max-rows", maxRows, 1),
  };
  checkCombination(request);
  checkFormat(request);
  return request;
}
