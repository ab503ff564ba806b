import type { JSX } from "preact";
import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Place, Program, ReverseStep, ReverseWalk, ValueData } from "../session/session.js";
import type { Mark } from "./BoxView.js";
import { GraphPane } from "./GraphPane.js";
import { RowLink, Section } from "./Inspector.js";
import { formulaOf, type GraphModel, nameOf, type StageModel } from "./model.js";
import { shortNumber } from "./numbers.js";
import { SourceView, splitSite } from "./SourceView.js";
import type { Dispatch, State } from "./store.js";
import { useDrawing } from "./useDrawing.js";
import { summaryOf, ValueView } from "./ValueView.js";

const pace = 1100;

function keyOf([row, out]: Place): string {
  return `${row}.${out}`;
}

/** Adjoints after some steps, by value. */
function adjointsAfter({ seeds, steps }: ReverseWalk, walked: number): Map<string, ValueData> {
  const adjoints = new Map(seeds.map(({ to, value }) => [keyOf(to), value]));
  for (const { contributions } of steps.slice(0, walked)) {
    for (const { to, total } of contributions) adjoints.set(keyOf(to), total);
  }
  return adjoints;
}

/** The sum so far in short, for a label. */
function brief(value: ValueData): string {
  const { cells, rowStep, columnStep } = value.grid;
  if (cells.length === 1 && rowStep * columnStep === 1) return shortNumber(cells[0]);
  const [low, high] = [value.min, value.max];
  if (typeof low !== "number" || typeof high !== "number") return "not finite";
  return `≤ ${shortNumber(Math.max(Math.abs(low), Math.abs(high)))}`;
}

function notesOf(adjoints: ReadonlyMap<string, ValueData>, done: ReadonlySet<number>) {
  const notes = new Map<number, string>();
  for (const [key, value] of adjoints) {
    const [row = "", out] = key.split(".");
    if (out === "0") notes.set(Number(row), `${done.has(Number(row)) ? "✓" : "Σ"} ${brief(value)}`);
  }
  return notes;
}

function Step({
  walk,
  step,
  graph,
  program,
  dispatch,
}: {
  readonly walk: ReverseWalk;
  readonly step: ReverseStep;
  readonly graph: GraphModel;
  readonly program: Program;
  readonly dispatch: Dispatch;
}): JSX.Element | null {
  const row = graph.byId.get(step.row);
  if (row === undefined) return null;
  const site = row.site === undefined ? undefined : splitSite(row.site);
  const lines = site === undefined ? undefined : program.sources[site.file];
  return (
    <>
      <header>
        <h2>{row.name}</h2>
        <RowLink graph={graph} id={row.id} dispatch={dispatch} />
      </header>
      <p class="formula">
        <code>{formulaOf(graph, row)}</code>
      </p>
      {site !== undefined && lines !== undefined && (
        <SourceView lines={lines} line={site.line} file={site.file} context={1} />
      )}
      {step.adjoints.map((adjoint, out) =>
        adjoint === null ? null : (
          <Section key={`${row.id} ${out}`} title={`Adjoint that arrives, complete`}>
            <ValueView value={adjoint} label={`adjoint of ${row.name}`} />
          </Section>
        ),
      )}
      <Section title="Its rule">
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
        <pre tabIndex={0}>{walk.rules[step.rule]}</pre>
      </Section>
      {step.contributions.map(({ to, argument, value, total }) => (
        <Section
          key={`${row.id} ${argument}`}
          title={`Sends to ${nameOf(graph, to[0])}, its argument ${String.fromCharCode(97 + argument)}`}
        >
          <ValueView value={value} label={`what argument ${argument + 1} is sent`} />
          <p class="note">
            sum so far: <strong>{summaryOf(total)}</strong>
          </p>
        </Section>
      ))}
      {step.contributions.length === 0 && <p class="note">The rule sends nothing on.</p>}
    </>
  );
}

function Start({
  walk,
  graph,
}: {
  readonly walk: ReverseWalk;
  readonly graph: GraphModel;
}): JSX.Element {
  return (
    <>
      <header>
        <h2>Reverse mode, step by step</h2>
      </header>
      <p>
        The <em>adjoint</em> of a value is the derivative of the results by it. It starts as 1 at
        each result. Then nodes are visited from last to first: when a node is reached, everything
        that depends on it has been visited, so its adjoint is complete. Its rule turns that into
        one contribution for each argument, and contributions to the same value are added up (Σ).
        What is left at the inputs, when all is done, is the gradient.
      </p>
      {walk.seeds.map(({ to, value }) => (
        <Section key={keyOf(to)} title={`Head gradient of ${nameOf(graph, to[0])}`}>
          <ValueView value={value} label="head gradient" />
        </Section>
      ))}
    </>
  );
}

function Controls({
  walked,
  count,
  dispatch,
}: {
  readonly walked: number;
  readonly count: number;
  readonly dispatch: Dispatch;
}): JSX.Element {
  const [plays, setPlays] = useState(false);
  const go = (to: number) => dispatch({ kind: "walk", walked: to });
  useEffect(() => {
    if (!plays) return undefined;
    if (walked >= count) {
      setPlays(false);
      return undefined;
    }
    const timer = setTimeout(() => dispatch({ kind: "step", by: 1 }), pace);
    return () => clearTimeout(timer);
  }, [plays, walked, count]);
  return (
    <section class="passes" aria-label="steps of the reverse pass">
      <div class="slide">
        <label for="walked">Step</label>
        <input
          id="walked"
          type="range"
          min={0}
          max={count}
          value={walked}
          aria-valuetext={`${walked} of ${count}`}
          onInput={({ currentTarget }) => go(Number(currentTarget.value))}
        />
        <output class="passname">
          {walked}/{count}
        </output>
        <button
          type="button"
          onClick={() => dispatch({ kind: "step", by: -1 })}
          disabled={walked === 0}
        >
          ‹ Back
        </button>
        <button
          type="button"
          onClick={() => dispatch({ kind: "step", by: 1 })}
          disabled={walked === count}
        >
          Next ›
        </button>
        <button
          type="button"
          onClick={() => {
            if (walked === count) go(0);
            setPlays(!plays);
          }}
        >
          {plays ? "Pause" : "Play"}
        </button>
        <span class="did">Σ adjoint so far · ✓ complete, rule applied</span>
      </div>
    </section>
  );
}

/** The reverse pass node by node over the forward graph. */
export function WalkTab({
  program,
  stage,
  state,
  dispatch,
}: {
  readonly program: Program;
  readonly stage: StageModel;
  readonly state: State;
  readonly dispatch: Dispatch;
}): JSX.Element {
  const { walk } = program;
  const graph = stage.graphs.forward;
  const drawn = useDrawing(graph, state.said.forward);
  const { walked } = state;
  const keys = useRef(false);
  const ignore = useCallback(() => {}, []);
  const shown = useMemo(() => {
    const step = walk.steps[walked - 1];
    const done = new Set(walk.steps.slice(0, walked).map(({ row }) => row));
    const adjoints = adjointsAfter(walk, walked);
    const marks = new Map<number, Mark>([...done].map((id) => [id, "near"]));
    for (const { to } of step?.contributions ?? []) marks.set(to[0], "counterpart");
    if (step !== undefined) marks.set(step.row, "selected");
    return { step, marks, notes: notesOf(adjoints, done) };
  }, [walk, walked]);
  const { step, marks, notes } = shown;
  const selected = step === undefined ? undefined : ({ side: "forward", id: step.row } as const);
  return (
    <div class="graphs walk">
      <Controls walked={walked} count={walk.steps.length} dispatch={dispatch} />
      <div class="panes single">
        <GraphPane
          model={graph}
          title="Forward, walked backward"
          drawn={drawn}
          operators={program.operators}
          selected={selected}
          marks={marks}
          notes={notes}
          reveals={state.reveals}
          keys={keys}
          dispatch={(action) => {
            if (action.kind !== "select") dispatch(action);
            const at = walk.steps.findIndex(
              ({ row }) => action.kind === "select" && row === action.ref?.id,
            );
            if (at >= 0) dispatch({ kind: "walk", walked: at + 1 });
          }}
          onMove={ignore}
          onCounterpart={ignore}
        />
      </div>
      <aside class="inspector" aria-label="details" aria-live="polite">
        {step === undefined ? (
          <Start walk={walk} graph={graph} />
        ) : (
          <Step walk={walk} step={step} graph={graph} program={program} dispatch={dispatch} />
        )}
      </aside>
    </div>
  );
}
