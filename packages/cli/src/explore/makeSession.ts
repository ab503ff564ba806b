import { describeProgram, describeTrace, type Failure, type Session } from "@adjoint/explorer";
import { nodesOf, siteIn } from "@adjoint/graph";
import type { TraceTree } from "@adjoint/nd";
import { registry } from "@adjoint/ops";
import { dirname, packageSeenFrom, pathOfUrl, readText, requiredFiles, resolve } from "../host.js";
import { findSource } from "../source/findSource.js";
import { loadSubject, type Subject } from "../source/subject.js";
import { UsageError } from "../usageError.js";
import type { ExploreRequest } from "./request.js";

/** What came of a request, and the files that it depends on. */
export interface Made {
  readonly session: Session;
  /** Absolute paths: the file that was given, and what a module imports of the user's own. */
  readonly files: readonly string[];
  /** True where the request is wrong, rather than the program. */
  readonly isUsage: boolean;
}

/** The user's own files among those that were loaded: not those of packages, and not this library's. */
class OwnFiles {
  private readonly paths: Set<string>;
  private readonly library: string | undefined;

  constructor(path: string) {
    this.paths = new Set([path]);
    const entry = packageSeenFrom(path, "adjoint");
    this.library = entry === undefined ? undefined : dirname(dirname(dirname(entry)));
  }

  /** Takes the address of a module that was imported. */
  import(url: string): void {
    const path = pathOfUrl(url);
    if (path !== undefined) this.add(path);
  }

  /** Takes what was required. */
  collect(): void {
    for (const path of requiredFiles()) this.add(path.replace(/\?.*$/, ""));
  }

  list(): string[] {
    return [...this.paths];
  }

  private add(path: string): void {
    if (!/[\\/]node_modules[\\/]/.test(path) && !this.isLibrary(path)) this.paths.add(path);
  }

  /** The lines of a file that a site names; nothing of files that are not the program's. */
  lines(file: string): readonly string[] | undefined {
    const path = resolve(file);
    if (!this.paths.has(path)) return undefined;
    try {
      return readText(path).split(/\r?\n/);
    } catch {
      return undefined;
    }
  }

  private isLibrary(path: string): boolean {
    if (this.library === undefined || !path.startsWith(this.library)) return false;
    return /^[\\/][^\\/]+[\\/](?:dist|src)[\\/]/.test(path.slice(this.library.length));
  }
}

function fileOf(site: string): string {
  return site.slice(0, site.lastIndexOf(":"));
}

type Branch = TraceTree["root"];

function sitesIn(root: Branch): string[] {
  const sites: string[] = [];
  const open = [root];
  for (let branch = open.pop(); branch !== undefined; branch = open.pop()) {
    for (const { site } of [...branch.steps, ...branch.guards]) if (site) sites.push(site);
    open.push(...branch.branches);
  }
  return sites;
}

/** The user's files that rows and reads name, line by line. A graph file names files, but brings none. */
function sourcesOf(
  { forward, backward, traceTree }: Subject,
  files: OwnFiles,
): Record<string, readonly string[]> {
  const graphs = backward === undefined ? [forward] : [forward, backward];
  const rows = graphs.flatMap((graph) => [...graph.inputs, ...nodesOf(graph)]);
  const sites = [
    ...rows.flatMap(({ site }) => site ?? []),
    ...(traceTree === undefined ? [] : sitesIn(traceTree.root)),
  ];
  const sources: Record<string, readonly string[]> = {};
  if (traceTree === undefined) return sources;
  for (const file of new Set(sites.map(fileOf))) {
    const lines = files.lines(file);
    if (lines !== undefined) sources[file] = lines;
  }
  return sources;
}

/** Where a compiler stopped: `/folder/model.ts:3:5: ERROR: …`. */
const compilerPlace = /([^\s:]+\.[cm]?[jt]sx?):(\d+):\d+: ERROR/;

function failureOf(error: unknown, files: OwnFiles): Failure {
  if (!(error instanceof Error)) return { message: String(error) };
  const { stack = "" } = error;
  const [, file, line] = compilerPlace.exec(error.message) ?? [];
  const site = file === undefined ? siteIn(stack) : `${file}:${line}`;
  return {
    message: `${error.name}: ${error.message}`,
    site,
    lines: site === undefined ? undefined : files.lines(fileOf(site)),
    detail: stack === "" ? undefined : stack,
  };
}

async function programOf(request: ExploreRequest, files: OwnFiles): Promise<Session["outcome"]> {
  const subject = await loadSubject(
    {
      ...request,
      order: 1,
      wrt: undefined,
      view: "both",
      show: { kind: "graphs" },
      command: "explore",
      onImport: (url) => files.import(url),
    },
    request.source,
  );
  files.collect();
  const { backward, traceTree } = subject;
  if (backward === undefined) throw new Error("explore: the program has no gradient");
  const program = describeProgram(
    { ...subject, backward },
    {
      registry,
      sources: sourcesOf(subject, files),
      trace: traceTree === undefined ? undefined : describeTrace(traceTree),
    },
  );
  return { kind: "program", program };
}

function commandOf({ source, args, again }: ExploreRequest): string {
  const options = [
    ...args.map((arg) => `--arg ${arg}`),
    ...again.map((list) => `--again "${list.join(" ")}"`),
  ];
  return ["adjoint explore", source, ...options].join(" ");
}

/** Loads and records what a request names. A program that fails makes a session as well, which says why. */
export async function makeSession(request: ExploreRequest): Promise<Made> {
  const named = { title: request.source, command: commandOf(request) };
  const { path } = findSource(request.source);
  const files = new OwnFiles(path);
  try {
    const outcome = await programOf(request, files);
    return { session: { ...named, outcome }, files: files.list(), isUsage: false };
  } catch (error) {
    files.collect();
    const failure = failureOf(error, files);
    const isUsage = error instanceof UsageError;
    const message = isUsage ? error.message : failure.message;
    const outcome = { kind: "failure", failure: { ...failure, message } } as const;
    return { session: { ...named, outcome }, files: files.list(), isUsage };
  }
}
