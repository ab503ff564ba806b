import { joint, planPasses, programPasses } from "@adjoint/autograd";
import {
  type Decoration,
  diffGraphs,
  type Graph,
  type GraphDiff,
  type JointGraphs,
  runPasses,
} from "@adjoint/graph";
import { registry } from "@adjoint/ops";
import { type CostKind, formatBytes, formatQuantity } from "@adjoint/runtime";
import { isDrawing, isLaidOut } from "./formats.js";
import { render } from "./render/render.js";
import type { DiffSide, DumpRequest, Show } from "./request.js";
import {
  decorationOf,
  type Facts,
  factsOf,
  reportOf,
  runSubject,
  totalsOf,
} from "./show/annotate.js";
import { type Fitted, fitted } from "./show/fitted.js";
import { nanText } from "./show/nanReport.js";
import { drawnPlans, plansData, plansOf, plansText } from "./show/plans.js";
import { passData, passText } from "./show/passList.js";
import { graphAt, type Passed } from "./show/passPoints.js";
import { type Shown, selected } from "./show/selected.js";
import { traceTreeText } from "./show/traceTreeText.js";
import { readGraphFile } from "./source/graphFile.js";
import { findSource } from "./source/findSource.js";
import { loadSubject, type Subject, withOnes } from "./source/subject.js";
import { UsageError } from "./usageError.js";

/** What a dump gives. */
export interface Dump {
  readonly content: string | Uint8Array;
  /** What is to be said beside it. */
  readonly notes: readonly string[];
  /** True where it holds graphs that can be read back, and nothing else. */
  readonly isGraphs: boolean;
  /** True where the run found what was looked for, as `--nan` does. */
  readonly isFailure: boolean;
}

const plain = { notes: [], isGraphs: false, isFailure: false };

function listing(request: DumpRequest, text: string, data: unknown): Dump {
  const content = request.format === "json" ? JSON.stringify(data) : text;
  return { ...plain, content: `${content}\n` };
}

function gradientOf({ backward }: Subject): Graph {
  if (backward === undefined) throw new Error("the gradient is missing");
  return backward;
}

/**
 * What a graph goes through until it is planned: the gradient from as it was derived, or the program from as it was
 * recorded if that is meant.
 */
function passedOf(subject: Subject, { view }: DumpRequest): Passed {
  if (view === "forward") {
    return runPasses(subject.forward, programPasses, { registry });
  }
  const { graph, history } = runPasses(gradientOf(subject), planPasses, { registry });
  return { graph, history: [...subject.history, ...history] };
}

function jointOf(subject: Subject): Graph {
  return joint({ forward: subject.forward, backward: gradientOf(subject) });
}

function viewed(subject: Subject, { view, format }: DumpRequest): Graph | JointGraphs {
  const { forward } = subject;
  if (view === "forward") return forward;
  const backward = gradientOf(subject);
  if (view === "backward") return backward;
  return view === "both" || isDrawing(format)
    ? { forward, backward }
    : joint({ forward, backward });
}

const costText = (kind: CostKind, amount: number): string =>
  `${kind} ${kind === "flops" ? formatQuantity(amount) : formatBytes(amount)}`;

function withTotals(
  content: string,
  facts: readonly Facts[],
  { annotations }: DumpRequest,
): string {
  const lines = facts.flatMap((one) => totalsOf(one, annotations.cost, costText) ?? []);
  return lines.length === 0 ? content : `${content}\n${lines.join("\n")}\n`;
}

async function dumpGraphs(subject: Subject, request: DumpRequest): Promise<Dump> {
  const { annotations, format, selection } = request;
  const shown = viewed(subject, request);
  const graphs = "backward" in shown ? [shown.forward, shown.backward] : [shown];
  const facts = factsOf(subject, graphs, annotations, (graph) => withOnes(graph, subject.inputs));
  const decoration = decorationOf(facts, annotations);
  if (decoration !== undefined && format === "json") {
    return listing(request, "", reportOf(facts, annotations));
  }
  const part = selected(shown, selection);
  const { notes, content } = await draw(part, request, decoration);
  const isGraphs = format === "json" || (format === "text" && selection.kind === "all");
  return {
    content:
      format === "text" && typeof content === "string"
        ? withTotals(content, facts, request)
        : content,
    notes,
    isGraphs: isGraphs && decoration === undefined,
    isFailure: false,
  };
}

/** What is drawn of a graph that may be too large to lay out. */
function fitFor(part: Shown, { format, maxRows }: DumpRequest): Fitted {
  return isLaidOut(format) ? fitted(part, maxRows) : { shown: part, note: undefined };
}

function isDiff(part: Shown | GraphDiff): part is GraphDiff {
  return "kind" in part && part.kind === "diff";
}

/** A difference of this many rows takes minutes to lay out. */
const largestDiff = 2000;

/** Writes what is shown; what is laid out is fitted first. */
async function draw(
  part: Shown | GraphDiff,
  request: DumpRequest,
  decoration?: Decoration,
): Promise<Pick<Dump, "content" | "notes">> {
  const { format, direction, full, maxRows } = request;
  if (isDiff(part) && isLaidOut(format) && part.rows.length > largestDiff) {
    const problem = `a difference of ${part.rows.length} rows is too large to lay out`;
    throw new UsageError(`${problem}; allowed: text, dot, html`);
  }
  const { shown, note } = isDiff(part) ? { shown: part, note: undefined } : fitFor(part, request);
  const options = { decoration, direction, full, maxRows, caption: note };
  const content = await render(shown, format, options);
  const advice = "; --depth, --around, --select or a greater --max-rows show more";
  return { content, notes: note === undefined ? [] : [`${note}${advice}`] };
}

function sideGraph(side: DiffSide, subject: Subject | undefined, request: DumpRequest): Graph {
  if (side.kind === "point") {
    if (subject === undefined) throw new UsageError("points between passes need a MODULE or graph");
    return graphAt(passedOf(subject, request), side.point);
  }
  const { path, file, kind } = findSource(side.file);
  if (kind !== "graph") throw new UsageError(`--diff ${file}: not a graph file`);
  const content = readGraphFile(path, file);
  if (content.kind === "graph") return content.graph;
  return request.view === "backward" ? content.graphs.backward : content.graphs.forward;
}

async function dumpDiff(
  { before, after }: Show & { kind: "diff" },
  subject: Subject | undefined,
  request: DumpRequest,
): Promise<Dump> {
  const sides = [before, after].map((side) => sideGraph(side, subject, request));
  const [earlier, later] = sides;
  if (earlier === undefined || later === undefined) throw new Error("--diff: a side is missing");
  return { ...plain, ...(await draw(diffGraphs(earlier, later), request)) };
}

async function dumpPass(
  { point }: Show & { kind: "pass" },
  subject: Subject,
  request: DumpRequest,
): Promise<Dump> {
  const graph = graphAt(passedOf(subject, request), point);
  const drawn = await draw(selected(graph, request.selection), request);
  const { format, selection } = request;
  return { ...plain, ...drawn, isGraphs: format === "json" || selection.kind === "all" };
}

async function dumpPlan(subject: Subject, request: DumpRequest): Promise<Dump> {
  const shown = request.view === "joint" ? jointOf(subject) : viewed(subject, request);
  const plans = plansOf(subject, shown, request);
  if (request.format === "text" || request.format === "json") {
    return listing(request, plansText(plans), plansData(plans));
  }
  const { part, decoration } = drawnPlans(plans);
  return { ...plain, ...(await draw(part, request, decoration)) };
}

function dumpTraceTree({ traceTree }: Subject, request: DumpRequest): Dump {
  if (traceTree === undefined) {
    throw new UsageError("--trace-tree is of programs that run; a graph has no other paths");
  }
  return listing(request, traceTreeText(traceTree), traceTree);
}

function dumpNan(subject: Subject, request: DumpRequest): Dump {
  const { forward, backward } = runSubject(subject, { stopAtNonFinite: true });
  const found = nanText(forward, backward);
  const nonFinite = forward.nonFinite ?? backward?.nonFinite ?? null;
  const rows = forward.rows.length + (backward?.rows.length ?? 0);
  const text = found ?? `no NaN and no infinity in ${rows} rows`;
  return { ...listing(request, text, { nonFinite }), isFailure: found !== undefined };
}

/**
 * What `adjoint dump` gives for a request. Same request, same bytes, but for times.
 *
 * @throws UsageError for a request that makes no sense; whatever the user's program throws
 */
export async function dump(request: DumpRequest): Promise<Dump> {
  const { show, source } = request;
  if (source === undefined) {
    if (show.kind === "diff") return dumpDiff(show, undefined, request);
    throw new UsageError("no MODULE; see adjoint dump --help");
  }
  const subject = await loadSubject(request, source);
  switch (show.kind) {
    case "graphs":
      return dumpGraphs(subject, request);
    case "passes":
      return listing(
        request,
        passText(passedOf(subject, request)),
        passData(passedOf(subject, request)),
      );
    case "pass":
      return dumpPass(show, subject, request);
    case "diff":
      return dumpDiff(show, subject, request);
    case "plan":
      return dumpPlan(subject, request);
    case "traceTree":
      return dumpTraceTree(subject, request);
    case "nan":
      return dumpNan(subject, request);
    default:
      return show satisfies never;
  }
}
