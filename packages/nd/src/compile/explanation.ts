import { numberLimit } from "./varyingNumbers.js";
/** Why a compiled function had to be traced once more. */
export type Cause =
  /** An argument of another type, or another value that is no array. */
  | "argument"
  /** Training mode. */
  | "mode"
  /** An array found outside became a variable, or its gradient moved. */
  | "captured"
  /** Arrays share memory that did not, or the other way round. */
  | "sharing"
  /** `asBoolean` went the other way. */
  | "branch"
  /** `asScalar`, `asArray`, printing: the elements that were read are others. */
  | "elements"
  /** A number among the arguments varied so often that it became an input. */
  | "number"
  /** The function did something else than before, without a reason that arrays or arguments give. */
  | "code";

/** Re-traces for one cause at one place. */
export interface Retrace {
  readonly cause: Cause;
  /** What differed: `argument 1`, `asBoolean`. */
  readonly what: string;
  /** How it was before and after, the latest time. */
  readonly before: string;
  readonly after: string;
  /** `file:line` of the read, or of the call. */
  readonly site: string | undefined;
  readonly count: number;
  /** What they took together: running the function, deriving, simplifying, planning. */
  readonly milliseconds: number;
}

/** What a compiled function has done so far. Exact, never reset by itself. */
export interface CompileCounts {
  /** Calls, apart from those within other programs. */
  readonly calls: number;
  /** Runs of the function's own code to write down what it does. */
  readonly traces: number;
  /** Of these, all but the first one. */
  readonly retraces: number;
  /** Calls that ran without the function's own code. */
  readonly replays: number;
  /**
   * Calls with a number that varies, in which the function ran once more to see what it makes of a new one. Nothing is
   * derived or planned then.
   */
  readonly refreshes: number;
  /** Execution plans made. One that joins known paths, which have plans of their own already, counts, too. */
  readonly plans: number;
  /** Calls within a recorded scope, a body or another compiled function, which ran the function itself. */
  readonly inlined: number;
}

/** What `explain` gives. Plain data. */
export interface Explanation {
  readonly name: string;
  readonly counts: CompileCounts;
  /** By cause and place, the most frequent first. */
  readonly retraces: readonly Retrace[];
  /** The same to read. */
  readonly text: string;
}

/** Collects why a function was traced again. */
export class RetraceLog {
  private readonly entries = new Map<string, Retrace>();

  add(event: Omit<Retrace, "count">): void {
    const key = `${event.cause}|${event.what}|${event.site}`;
    const known = this.entries.get(key);
    const count = (known?.count ?? 0) + 1;
    const milliseconds = (known?.milliseconds ?? 0) + event.milliseconds;
    this.entries.set(key, { ...event, count, milliseconds });
  }

  get sorted(): readonly Retrace[] {
    return [...this.entries.values()].sort((a, b) => b.count - a.count);
  }
}

const advice: { readonly [C in Cause]: string } = {
  argument: "",
  mode: "",
  captured: "attach gradients once, before the first call",
  sharing: "",
  branch: "",
  number: "it is an input now; an array instead is read without running the function's code",
  elements: "the exact numbers were read: compare arrays and ask asBoolean, or return the array",
  code: "numbers and other values from outside are frozen: pass them as arguments",
};

export function explain(name: string, counts: CompileCounts, log: RetraceLog): Explanation {
  const retraces = log.sorted;
  const { calls, traces, replays, refreshes, plans, inlined } = counts;
  const rest = [
    refreshes === 0 ? "" : `, ${refreshes} with new numbers`,
    inlined === 0 ? "" : `; ${inlined} within other programs`,
  ].join("");
  const head = `${name}: ${calls} calls, ${traces} traces, ${replays} replays, ${plans} plans${rest}`;
  return { name, counts, retraces, text: [head, ...retraces.map(line)].join("\n") };
}

/** `  argument 1: float32[2] -> float32[3] at model.ts:7, 2 times, 3.1 ms`. */
export function line({ cause, what, before, after, site, count, milliseconds }: Retrace): string {
  const place = site === undefined ? "" : ` at ${site}`;
  const times = count === 1 ? "once" : `${count} times`;
  const isNumeric = isNumber(before) && isNumber(after);
  const hint = cause === "argument" && isNumeric && count > numberLimit ? looked : advice[cause];
  const time = `${milliseconds.toFixed(1)} ms`;
  const more = hint === "" ? "" : `\n    ${hint}`;
  return `  ${what}: ${before} -> ${after}${place}, ${times}, ${time}${more}`;
}

/** Of a number that code decides by: it was tried as an input. */
const looked =
  "each is a kind of call of its own, as code decides by it: pass an array, and ask asBoolean";

function isNumber(text: string): boolean {
  return text !== "" && !Number.isNaN(Number(text));
}
