import type { ComponentChildren, JSX } from "preact";
import type { Program, Row, ValueData } from "../session/session.js";
import { Markdown } from "./Markdown.js";
import {
  type Counterpart,
  counterpartsOf,
  formulaOf,
  type GraphModel,
  nameOf,
  otherSide,
  type RowRef,
  savedFor,
  type StageModel,
} from "./model.js";
import { plural } from "./numbers.js";
import { SourceView, splitSite } from "./SourceView.js";
import type { Dispatch } from "./store.js";
import { ValueView } from "./ValueView.js";

interface InspectorProps {
  readonly program: Program;
  readonly stage: StageModel;
  readonly shown: RowRef | undefined;
  readonly dispatch: Dispatch;
}

export function Section({
  title,
  children,
}: {
  readonly title: string;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <section class="part">
      <h3>{title}</h3>
      {children}
    </section>
  );
}

/** A row that leads to itself. */
export function RowLink({
  graph,
  id,
  dispatch,
}: {
  readonly graph: GraphModel;
  readonly id: number;
  readonly dispatch: Dispatch;
}): JSX.Element {
  const row = graph.byId.get(id);
  const text = row?.kind === "node" ? `%${id} ${row.name}` : nameOf(graph, id);
  const ref = { side: graph.side, id };
  return (
    <button
      type="button"
      class="row"
      onClick={() => dispatch({ kind: "select", ref, reveal: true })}
      onMouseEnter={() => dispatch({ kind: "hover", ref })}
      onMouseLeave={() => dispatch({ kind: "hover", ref: undefined })}
    >
      {text}
    </button>
  );
}

function Rows({
  graph,
  ids,
  dispatch,
}: {
  readonly graph: GraphModel;
  readonly ids: readonly number[];
  readonly dispatch: Dispatch;
}): JSX.Element {
  const shown = ids.slice(0, 24);
  return (
    <p class="rows">
      {shown.map((id) => (
        <RowLink key={id} graph={graph} id={id} dispatch={dispatch} />
      ))}
      {ids.length > shown.length && <span>and {ids.length - shown.length} more</span>}
    </p>
  );
}

const relations = {
  derived: { forward: "Its derivative", backward: "Differentiates" },
  saved: { forward: "Handed over as", backward: "Saved value of" },
  head: { forward: "Its head gradient", backward: "Head gradient of" },
};

function Counterparts({
  stage,
  shown,
  dispatch,
}: Pick<InspectorProps, "stage" | "dispatch"> & { readonly shown: RowRef }): JSX.Element {
  const all = counterpartsOf(stage, shown);
  const graph = stage.graphs[otherSide(shown.side)];
  const kinds = ["derived", "saved", "head"] as const;
  const saved = savedFor(stage, shown);
  const of = (kind: Counterpart["relation"]) =>
    all.filter(({ relation }) => relation === kind).map(({ ref: { id } }) => id);
  return (
    <Section title={`In the ${graph.side} graph`}>
      {all.length === 0 && <p class="note">Nothing belongs to this row at this stage.</p>}
      {kinds.map((kind) => {
        const ids = of(kind);
        if (ids.length === 0) return null;
        return (
          <div key={kind} class={`relation ${kind}`}>
            <h4>{relations[kind][shown.side]}</h4>
            <Rows graph={graph} ids={ids} dispatch={dispatch} />
          </div>
        );
      })}
      {saved.length > 0 && (
        <div class="relation saved">
          <h4>Saved values that the derivative reads</h4>
          <Rows
            graph={stage.graphs.forward}
            ids={saved.map(({ forward }) => forward)}
            dispatch={dispatch}
          />
        </div>
      )}
    </Section>
  );
}

function Operator({ program, row }: { readonly program: Program; readonly row: Row }): JSX.Element {
  const operator = program.operators[row.name];
  const step = program.walk.steps.find(({ row: id }) => id === (row.origin ?? row.id));
  const rule =
    step === undefined || row.origin !== undefined ? undefined : program.walk.rules[step.rule];
  return (
    <Section title="Formula and derivative">
      {operator !== undefined && <Markdown text={operator.docs} />}
      {operator?.noDerivative !== undefined && (
        <p class="note">No derivative: {operator.noDerivative}.</p>
      )}
      {rule !== undefined && (
        <details>
          <summary>The rule, as applied here</summary>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
          <pre tabIndex={0}>{rule}</pre>
        </details>
      )}
    </Section>
  );
}

function Source({
  program,
  site,
}: {
  readonly program: Program;
  readonly site: string;
}): JSX.Element {
  const { file, line } = splitSite(site);
  const lines = program.sources[file];
  return (
    <Section title={site}>
      {lines === undefined ? (
        <p class="note">The file is not at hand.</p>
      ) : (
        <SourceView lines={lines} line={line} file={file} />
      )}
    </Section>
  );
}

function Values({
  program,
  row,
  shown,
}: {
  readonly program: Program;
  readonly row: Row;
  readonly shown: RowRef;
}): JSX.Element {
  const { walk } = program;
  const several = row.types.length > 1;
  const adjoints = shown.side === "forward" ? walk.adjoints : {};
  const views = (title: string, table: { readonly [place: string]: ValueData }) =>
    row.types.flatMap((_, out) => {
      const value = table[`${row.id}.${out}`];
      if (value === undefined) return [];
      const name = several ? `${title} ${out}` : title;
      return [
        <Section key={name} title={name}>
          <ValueView value={value} label={`${name} of ${row.name}`} />
        </Section>,
      ];
    });
  return (
    <>
      {views("Value", program.values[shown.side])}
      {views("Gradient", adjoints)}
    </>
  );
}

/** What the pass did to a row, and by which rules. */
function PassEffect({
  stage,
  graph,
  row,
}: {
  readonly stage: StageModel;
  readonly graph: GraphModel;
  readonly row: Row;
}): JSX.Element | null {
  const change = graph.changes.get(row.id);
  if (change === undefined) return null;
  const reads = new Set(row.inputs.map(([id]) => id));
  const reasons = stage.stage.replacements.flatMap(({ side, rule, from, to }) => {
    if (side !== graph.side) return [];
    if (to[0] === row.id) return [`${rule}: stands for %${from[0]}`];
    return reads.has(to[0]) && change === "changed"
      ? [`${rule}: reads ${nameOf(graph, to[0])} instead of %${from[0]}`]
      : [];
  });
  return (
    <Section title={`${change} by ${stage.stage.name}`}>
      {reasons.length === 0 ? (
        <p class="note">A part of what a rule made, or moved along with its neighbours.</p>
      ) : (
        <ul class="reasons">
          {[...new Set(reasons)].slice(0, 12).map((reason) => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
      )}
    </Section>
  );
}

const roles = {
  arg: "argument",
  const: "constant",
  head: "head gradient",
  saved: "saved value",
};

/** All that is known of one row. */
export function Inspector({ program, stage, shown, dispatch }: InspectorProps): JSX.Element {
  const graph = shown === undefined ? undefined : stage.graphs[shown.side];
  const row = shown === undefined ? undefined : graph?.byId.get(shown.id);
  if (shown === undefined || graph === undefined || row === undefined) {
    return (
      <aside class="inspector" aria-label="details">
        <Overview program={program} stage={stage} />
      </aside>
    );
  }
  const inputs = [...new Set(row.inputs.map(([id]) => id))].filter(
    (id) => graph.byId.get(id)?.literal === undefined,
  );
  const readers = graph.readers.get(row.id) ?? [];
  return (
    <aside class="inspector" aria-label="details">
      <header>
        <h2>{row.name}</h2>
        <span class={`side ${shown.side}`}>{shown.side}</span>
        {row.kind !== "node" && <span class="side">{roles[row.kind]}</span>}
      </header>
      <p class="formula">
        <code>{formulaOf(graph, row)}</code>
        <code class="types">{row.types.join(", ")}</code>
      </p>
      {row.scope !== undefined && <p class="note">in {row.scope}</p>}
      <PassEffect stage={stage} graph={graph} row={row} />
      <Counterparts stage={stage} shown={shown} dispatch={dispatch} />
      <Values program={program} row={row} shown={shown} />
      {row.kind === "node" && <Operator program={program} row={row} />}
      {row.site !== undefined && <Source program={program} site={row.site} />}
      <Section title="Reads">
        {inputs.length === 0 ? (
          <p class="note">nothing</p>
        ) : (
          <Rows graph={graph} ids={inputs} dispatch={dispatch} />
        )}
      </Section>
      <Section title="Read by">
        {readers.length === 0 ? (
          <p class="note">{graph.outputs.get(row.id)?.join(", ") ?? "nobody"}</p>
        ) : (
          <Rows graph={graph} ids={readers} dispatch={dispatch} />
        )}
      </Section>
    </aside>
  );
}

/** What the page says while nothing is selected. */
function Overview({ program, stage }: Pick<InspectorProps, "program" | "stage">): JSX.Element {
  const { forward, backward } = stage.graphs;
  const count = ({ rows }: GraphModel) => rows.filter(({ kind }) => kind === "node").length;
  const saved = backward.rows.filter(({ kind }) => kind === "saved").length;
  return (
    <>
      <header>
        <h2>{program.name}</h2>
      </header>
      <p>
        {plural(count(forward), "node")} forward, {plural(count(backward), "node")} backward,{" "}
        {plural(saved, "saved value")} between them.
      </p>
      <p class="note">
        Point at a row to see what belongs to it in the other graph; select it for everything else.
        By keyboard: Tab into a graph, then the arrow keys; press ? for all keys.
      </p>
      {program.omissions.map((text) => (
        <p key={text} class="note">
          Left out because of the size: {text}.
        </p>
      ))}
    </>
  );
}
