import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { Program, TraceBranch, TraceData, TraceRead } from "../session/session.js";
import { plural, shortNumber } from "./numbers.js";
import { SourceView, splitSite } from "./SourceView.js";

const shownSteps = 16;
/** Stretches shown of one line: a loop that reads in each round makes as many as it has rounds. */
const shownStretches = 200;

/** Branches by the one that they continue. */
type Children = ReadonlyMap<number | undefined, readonly number[]>;

function childrenOf({ branches }: TraceData): Children {
  const children = new Map<number | undefined, number[]>();
  branches.forEach(({ parent }, at) => {
    const known = children.get(parent);
    if (known === undefined) children.set(parent, [at]);
    else known.push(at);
  });
  return children;
}

/** The branches from one on, each time along the run that is shown, else along what was used last. */
function lineFrom({ branches }: TraceData, children: Children, start: number): number[] {
  const line: number[] = [];
  for (let at: number | undefined = start; at !== undefined; ) {
    line.push(at);
    const next: readonly number[] = children.get(at) ?? [];
    at = next.find((child) => branches[child]?.taken) ?? next[0];
  }
  return line;
}

function Read({
  read,
  program,
}: {
  readonly read: TraceRead;
  readonly program: Program;
}): JSX.Element {
  const site = read.site === undefined ? undefined : splitSite(read.site);
  const lines = site === undefined ? undefined : program.sources[site.file];
  return (
    <div class="read">
      <strong>reads {read.of}</strong>
      <span class="count"> at {read.site ?? "no line of the program"}</span>
      {site !== undefined && lines !== undefined && (
        <SourceView lines={lines} line={site.line} file={site.file} context={1} />
      )}
    </div>
  );
}

/** Why a branch was recorded rather than reused. */
function reasonOf({ outcomes, parent }: TraceBranch, isFirst: boolean): string {
  if (parent === undefined || isFirst) return "recorded";
  if (outcomes.length === 0) return "re-traced: the program did something else here";
  return `re-traced after reading ${outcomes.map(shortNumber).join(", ")}`;
}

function Stretch({
  branch,
  isSplit,
  isFirst,
  isLast,
  program,
}: {
  readonly branch: TraceBranch;
  readonly isSplit: boolean;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  readonly program: Program;
}): JSX.Element {
  const { steps, hits, taken, reads } = branch;
  const classes = ["stretch", ...(taken ? ["taken"] : []), ...(isLast ? ["last"] : [])];
  return (
    <div class={classes.join(" ")}>
      <div class="stretchhead">
        {taken && <span class="badge">this run</span>}
        <span class="count">{plural(hits, "run")}</span>
        {(isSplit || isFirst) && <span>{reasonOf(branch, isFirst)}</span>}
      </div>
      <ol class="tracesteps">
        {steps.slice(0, shownSteps).map(({ text, site }, at) => (
          <li key={`${at} ${text}`} title={site}>
            <code>{text}</code>
          </li>
        ))}
        {steps.length > shownSteps && <li>and {steps.length - shownSteps} more</li>}
      </ol>
      {reads.map((read, at) => (
        <Read key={`${at} ${read.of}`} read={read} program={program} />
      ))}
    </div>
  );
}

function Line({
  trace,
  children,
  start,
  program,
}: {
  readonly trace: TraceData;
  readonly children: Children;
  readonly start: number;
  readonly program: Program;
}): JSX.Element {
  const line = lineFrom(trace, children, start);
  const first = startOf(trace, children);
  return (
    <ol class="strand">
      {line.slice(0, shownStretches).map((at, position) => {
        const branch = trace.branches[at];
        const siblings = children.get(branch?.parent) ?? [];
        const others = position === 0 ? [] : siblings.filter((one) => one !== at);
        if (branch === undefined) return null;
        return (
          <li key={at}>
            {others.map((other) => (
              <div key={other} class="instead">
                <Line trace={trace} children={children} start={other} program={program} />
              </div>
            ))}
            <Stretch
              branch={branch}
              isSplit={siblings.length > 1}
              isFirst={start === first && position === 0}
              isLast={position === line.length - 1}
              program={program}
            />
          </li>
        );
      })}
      {line.length > shownStretches && <li>and {line.length - shownStretches} more</li>}
    </ol>
  );
}

/** The first branch in which something was done: what did not begin with it belongs to other programs. */
function startOf({ branches }: TraceData, children: Children): number {
  const isEmpty = branches[0]?.steps.length === 0;
  const first = children.get(0)?.find((at) => branches[at]?.taken);
  return isEmpty && first !== undefined ? first : 0;
}

/** Which paths recorded programs took, where they parted, and which one is shown. */
export function TraceTab({ program }: { readonly program: Program }): JSX.Element {
  const { trace } = program;
  const children: Children = useMemo(
    () => (trace === undefined ? new Map() : childrenOf(trace)),
    [trace],
  );
  if (trace === undefined || trace.branches.length === 0) {
    return (
      <p class="empty">
        This program came from a file: nothing was recorded, so there is no trace.
      </p>
    );
  }
  return (
    <div class="trace">
      <p class="note">
        Each stretch is a sequence of operations that always followed each other. Reading a number
        lets a program decide by it: what different runs did then are the branches. A run that does
        what an earlier one did reuses its graph and plan.
      </p>
      <Line trace={trace} children={children} start={startOf(trace, children)} program={program} />
      {trace.more > 0 && <p class="note">{trace.more} more left out.</p>}
    </div>
  );
}
