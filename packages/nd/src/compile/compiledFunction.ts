import { ArgumentError, callSite } from "@adjoint/graph";
import { type IsRecorded, type Pattern, PatternReader } from "./callPattern.js";
import { type CompiledPath, compiledPath } from "./compiledPath.js";
import { Entry, type Misfit } from "./entry.js";
import { type CompileCounts, type Explanation, explain, RetraceLog } from "./explanation.js";
import { PathNode } from "./path.js";
import type { Program } from "./program.js";
import type { Outcome } from "./reads.js";
import { conclude, loadSources, type Miss, type ReplayHost, runPath, tensorOf } from "./replay.js";
import { type Reason, reasonOfArguments, reasonOfMisfit, reasonOfRead } from "./reasons.js";
import { type TraceHost, traceProgram } from "./traceProgram.js";

/** The session, as compiled functions use it. */
export interface CompileHost extends TraceHost, ReplayHost {
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
  private readonly counter = { calls: 0, traces: 0, replays: 0, plans: 0, inlined: 0 };
  private readonly isRecorded: IsRecorded;
  private depth = 0;
  private warned = false;

  constructor(
    private readonly fn: Body,
    private readonly host: CompileHost,
    private readonly settings: CompileSettings,
  ) {
    this.isRecorded = (array) => host.recorder.isSource(array);
  }

  call(args: readonly unknown[]): unknown {
    if (this.host.within) return this.inline(args);
    this.counter.calls++;
    const known = this.known(args);
    const { traces } = this.counter;
    const result = known === undefined ? this.first(args) : this.run(known, args);
    if (this.counter.traces === traces) this.counter.replays++;
    return result;
  }

  get counts(): CompileCounts {
    const { calls, traces, replays, plans, inlined } = this.counter;
    return { calls, traces, retraces: Math.max(0, traces - 1), replays, plans, inlined };
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
    for (let at = 0; at < entries.length; at++) {
      const entry = entries[at];
      if (entry === undefined || !entry.fits(args, this.isRecorded)) continue;
      if (entry.misfit(training, host) !== undefined) continue;
      if (at > 0) {
        entries.splice(at, 1);
        entries.unshift(entry);
      }
      return entry;
    }
    return undefined;
  }

  /** Serves a call of a kind not seen before. */
  private first(args: readonly unknown[]): unknown {
    const { host, entries } = this;
    const reader = new PatternReader(this.settings.name, this.isRecorded);
    const items = args.map((arg, at) => reader.read(arg, `argument ${at + 1}`));
    const reason = this.reasonFor(args, items);
    const entry = new Entry(items, host.recorder.training);
    entry.fits(args, this.isRecorded);
    this.trace(entry, args, [], reason);
    entries.unshift(entry);
    if (entries.length > entryLimit) entries.pop();
    return this.run(entry, args);
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
    const { host, counter } = this;
    const { frame, binding } = entry;
    try {
      for (let resets = 0; ; ) {
        const { root } = entry.tree;
        if (root === undefined) throw new Error("compile: entry without a path");
        loadSources(entry.sources.all, frame, host, binding);
        const end = runPath(root, frame, counter);
        if (end instanceof PathNode) {
          if (end.finish === undefined) throw new Error("compile: path without an end");
          return conclude(end.finish, frame, host, binding);
        }
        if (!this.extend(entry, args, end)) resets++;
        if (resets > resetLimit) throw this.inconstant();
      }
    } finally {
      entry.clear();
    }
  }

  /** Traces the path that a run left the known ones for. False if the known ones had to be given up. */
  private extend(entry: Entry, args: readonly unknown[], { node, outcome }: Miss): boolean {
    const forced = [...node.outcomes, outcome];
    const reason = reasonOfRead(node, outcome);
    if (this.trace(entry, args, forced, reason)) return true;
    entry.reset();
    this.trace(entry, args, [], {
      cause: "code",
      what: "the function's code",
      before: "as it was traced",
      after: "something else",
      site: callSite(),
    });
    return false;
  }

  /** Runs the user's code once and adds its path. False if the path contradicts what is known. */
  private trace(
    entry: Entry,
    args: readonly unknown[],
    forced: readonly Outcome[],
    reason: Reason | undefined,
  ): boolean {
    const { host, settings, fn } = this;
    const start = performance.now();
    const { sources, binding } = entry;
    const program: Program = traceProgram(host, {
      name: settings.name,
      fn,
      args,
      sources,
      forced,
      load: (source) => tensorOf(source, host, binding),
    });
    this.counter.traces++;
    const agrees = entry.tree.add(program);
    if (agrees) entry.tree.prepare(program, this.counter);
    if (reason !== undefined) this.note(reason, performance.now() - start);
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
