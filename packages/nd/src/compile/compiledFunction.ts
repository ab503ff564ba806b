import { ArgumentError, callSite } from "@adjoint/graph";
import { argumentName, type IsRecorded, type Pattern, PatternReader } from "./callPattern.js";
import { type CompiledPath, compiledPath } from "./compiledPath.js";
import { Entry, type Misfit } from "./entry.js";
import { type CompileCounts, type Explanation, explain, RetraceLog } from "./explanation.js";
import type { TreeHost } from "./joinedPaths.js";
import { PathNode } from "./path.js";
import { type PlanHost, Planner } from "./planProgram.js";
import type { Program } from "./program.js";
import type { Outcome } from "./reads.js";
import {
  type Reason,
  reasonOfArguments,
  reasonOfCode,
  reasonOfMisfit,
  reasonOfNumber,
  reasonOfRead,
} from "./reasons.js";
import { conclude, loadSources, type Miss, type ReplayHost, runPath, tensorOf } from "./replay.js";
import { type TraceHost, traceProgram } from "./traceProgram.js";
import { numbersIn, VaryingNumbers } from "./varyingNumbers.js";

/** The session, as compiled functions use it. */
export interface CompileHost extends TraceHost, ReplayHost, PlanHost, TreeHost {
  /** Whether what is called now belongs to a program that is being recorded or traced. */
  readonly within: boolean;
}

export interface CompileSettings {
  readonly name: string;
  /** Re-traces after which a warning is printed, once. */
  readonly warnAfter: number;
}

type Body = (...args: readonly unknown[]) => unknown;

/** Kinds of calls that are remembered. */
const entryLimit = 256;
/** How deep a function may call itself while it is traced. */
const depthLimit = 200;
/** How often a function may do something unforeseen within one call. */
const resetLimit = 2;

/** A function and the plans made of it. */
export class CompiledFunction {
  /** The entry used last stands first. */
  private readonly entries: Entry[] = [];
  private readonly log = new RetraceLog();
  private readonly numbers = new VaryingNumbers();
  private readonly counter = {
    calls: 0,
    traces: 0,
    replays: 0,
    refreshes: 0,
    inlined: 0,
  };
  private readonly planner: Planner;
  private readonly isRecorded: IsRecorded;
  private depth = 0;
  private warned = false;

  constructor(
    private readonly fn: Body,
    private readonly host: CompileHost,
    private readonly settings: CompileSettings,
  ) {
    this.planner = new Planner(host);
    this.isRecorded = (array) => host.recorder.isSource(array);
  }

  call(args: readonly unknown[]): unknown {
    if (this.host.within) return this.inline(args);
    this.counter.calls++;
    const known = this.known(args);
    const { traces, refreshes } = this.counter;
    const result = known === undefined ? this.first(args) : this.run(known, args);
    if (this.counter.traces === traces && this.counter.refreshes === refreshes) {
      this.counter.replays++;
    }
    return result;
  }

  get counts(): CompileCounts {
    const { calls, traces, replays, refreshes, inlined } = this.counter;
    const { plans } = this.planner;
    const retraces = Math.max(0, traces - 1);
    return { calls, traces, retraces, replays, refreshes, plans, inlined };
  }

  explain(): Explanation {
    return explain(this.settings.name, this.counts, this.log);
  }

  get paths(): readonly CompiledPath[] {
    return this.entries.flatMap(({ items, tree }) =>
      tree.ends.map((end) => compiledPath(items, end)),
    );
  }

  private inline(args: readonly unknown[]): unknown {
    if (this.depth >= depthLimit) {
      throw new ArgumentError({
        op: this.settings.name,
        problem: "compiled function calls itself without an end that its arguments decide",
        received: `${this.depth} calls within each other`,
        allowed: `at most ${depthLimit}; nd.contrib.whileLoop, or a loop on asBoolean`,
      });
    }
    this.counter.inlined++;
    this.depth++;
    try {
      return this.fn(...args);
    } finally {
      this.depth--;
    }
  }

  /** The entry that serves a call, bound to it. */
  private known(args: readonly unknown[]): Entry | undefined {
    const { entries, host } = this;
    const { training } = host.recorder;
    let found = -1;
    for (let at = 0; at < entries.length; at++) {
      const entry = entries[at];
      if (entry === undefined || !entry.fits(args, this.isRecorded)) continue;
      if (entry.misfit(training, host) !== undefined) continue;
      found = at;
      // One that does not know the numbers has to ask the function: another one may know them.
      if (entry.bound >= 0) break;
    }
    const entry = entries[found];
    if (found > 0 && entry !== undefined) {
      entries.splice(found, 1);
      entries.unshift(entry);
    }
    return entry;
  }

  /** Serves a call of a kind not seen before. */
  private first(args: readonly unknown[]): unknown {
    const { host, entries, numbers } = this;
    const exact = this.patternOf(args);
    const known = this.reasonFor(args, exact);
    const [promoted] = numbers.notice(entries, exact);
    const items = promoted === undefined ? exact : this.patternOf(args);
    const reason = promoted === undefined ? known : reasonOfNumber(promoted, callSite());
    const entry = new Entry(items, host.recorder.training, numbers.isIn(items));
    entry.fits(args, this.isRecorded);
    this.trace(entry, args, { forced: [], reason, sites: true });
    entries.unshift(entry);
    if (entries.length > entryLimit) entries.pop();
    return this.run(entry, args);
  }

  private patternOf(args: readonly unknown[]): readonly Pattern[] {
    const { settings, isRecorded, numbers } = this;
    const reader = new PatternReader(settings.name, isRecorded, numbers.varying);
    return args.map((arg, at) => reader.read(arg, argumentName(at)));
  }

  private reasonFor(args: readonly unknown[], items: readonly Pattern[]): Reason | undefined {
    const { entries, host } = this;
    if (entries.length === 0) return undefined;
    const { training } = host.recorder;
    const twins = entries.filter((entry) => entry.fits(args, this.isRecorded));
    const misfits = twins.flatMap((entry) => entry.misfit(training, host) ?? []);
    const order: readonly Misfit[] = ["sharing", "captured", "mode"];
    const misfit = order.find((one) => misfits.includes(one));
    if (misfit === "captured") this.forgetStale(twins, training);
    if (misfit !== undefined) return reasonOfMisfit(misfit, training, callSite());
    return reasonOfArguments(entries, items, callSite());
  }

  /** Drops entries whose captured arrays are other variables now: they never fit again. */
  private forgetStale(twins: readonly Entry[], training: boolean): void {
    for (const entry of twins) {
      if (entry.misfit(training, this.host) !== "captured") continue;
      this.entries.splice(this.entries.indexOf(entry), 1);
    }
  }

  private run(entry: Entry, args: readonly unknown[]): unknown {
    const { host } = this;
    const { frame, binding } = entry;
    try {
      if (entry.joined.run(host, binding)) return entry.joined.conclude(host, binding);
      entry.joined.handOver(entry.progress, frame);
      const { traces } = this.counter;
      for (let resets = 0; resets <= resetLimit; ) {
        const bound = entry.bound;
        const end = bound < 0 ? undefined : this.runKnown(entry, bound);
        if (end instanceof PathNode) {
          if (end.finish === undefined) throw new Error("compile: path without an end");
          if (this.counter.traces === traces) entry.noteReplay(host, this.planner);
          return conclude(end.finish, frame, host, binding);
        }
        if (end === undefined || end.outcome === undefined) {
          if (!this.refresh(entry, args, end)) return this.giveUpNumbers(entry, args);
        } else if (!this.extend(entry, args, end.node, end.outcome)) resets++;
      }
      throw this.inconstant();
    } finally {
      entry.clear();
    }
  }

  private runKnown(entry: Entry, bound: number): PathNode | Miss {
    const { frame, binding, sources, tree, progress } = entry;
    if (tree.root === undefined) throw new Error("compile: entry without a path");
    loadSources(sources.all, frame, this.host, binding);
    return runPath(tree.root, { frame, numbers: bound, planner: this.planner, progress });
  }

  /** Traces the path that a run left the known ones for. False if the known ones had to be given up. */
  private extend(
    entry: Entry,
    args: readonly unknown[],
    node: PathNode,
    outcome: Outcome,
  ): boolean {
    const forced = [...node.outcomes, outcome];
    const reason = reasonOfRead(node, outcome);
    if (this.trace(entry, args, { forced, reason, sites: true })) return true;
    entry.reset();
    this.trace(entry, args, { forced: [], reason: reasonOfCode(callSite()), sites: true });
    return false;
  }

  /** Runs the function to see what it makes of numbers not seen before. False if it takes another way. */
  private refresh(entry: Entry, args: readonly unknown[], miss: Miss | undefined): boolean {
    const forced = miss?.node.outcomes ?? [];
    return this.trace(entry, args, { forced, reason: undefined, sites: false });
  }

  /** The function does more with a number than to calculate: each one is a kind of call again. */
  private giveUpNumbers(entry: Entry, args: readonly unknown[]): unknown {
    const places = entry.items.flatMap(numbersIn);
    this.numbers.giveUp(entry.changed.flatMap((at) => places[at] ?? []));
    this.entries.splice(this.entries.indexOf(entry), 1);
    return this.first(args);
  }

  /** Runs the user's code once and adds its path. False if the path contradicts what is known. */
  private trace(entry: Entry, args: readonly unknown[], request: Request): boolean {
    const { host, settings, fn, counter } = this;
    const start = performance.now();
    const { sources, binding } = entry;
    const program: Program = traceProgram(host, {
      name: settings.name,
      fn,
      args,
      sources,
      forced: request.forced,
      sites: request.sites,
      given: entry.progress.valuesIn(entry.frame),
      load: (source) => tensorOf(source, host, binding),
    });
    const known = entry.tree.ends.length;
    const agrees = entry.tree.add(program);
    if (entry.tree.ends.length === known && agrees) counter.refreshes++;
    else counter.traces++;
    if (agrees) {
      entry.bind(program);
      entry.tree.prepare(program, this.planner);
    }
    if (request.reason !== undefined) this.note(request.reason, performance.now() - start);
    return agrees;
  }

  private note(reason: Reason, milliseconds: number): void {
    this.log.add({ ...reason, milliseconds });
    const { retraces } = this.counts;
    if (this.warned || retraces < this.settings.warnAfter) return;
    this.warned = true;
    console.warn(`compile: ${retraces} re-traces. ${this.explain().text}`);
  }

  private inconstant(): ArgumentError {
    return new ArgumentError({
      op: this.settings.name,
      problem: "function does something else each time it runs with the same arguments",
      allowed: "a function of its arguments and of arrays; nd.random for random numbers",
    });
  }
}

/** What a run of the user's code is made for. */
interface Request {
  readonly forced: readonly Outcome[];
  readonly reason: Reason | undefined;
  readonly sites: boolean;
}
