import type { JSX } from "preact";
import { useCallback, useMemo, useRef, useState } from "preact/hooks";
import type { Program } from "../session/session.js";
import { familyNames, type Mark } from "./BoxView.js";
import { type Bridge, Bridges } from "./Bridges.js";
import { GraphPane } from "./GraphPane.js";
import { Inspector } from "./Inspector.js";
import { counterpartsOf, type RowRef, savedFor, type StageModel } from "./model.js";
import { PassBar } from "./PassBar.js";
import type { Dispatch, State } from "./store.js";
import { useDrawing } from "./useDrawing.js";

/** How rows of both graphs stand out because of one. */
export interface Highlights {
  readonly forward: ReadonlyMap<number, Mark>;
  readonly backward: ReadonlyMap<number, Mark>;
  readonly bridges: readonly Bridge[];
}

const none: Highlights = { forward: new Map(), backward: new Map(), bridges: [] };

/** The row itself, what belongs to it in the other graph, and the saved values between them. */
export function highlightsOf(stage: StageModel, ref: RowRef | undefined): Highlights {
  if (ref === undefined || !stage.graphs[ref.side].byId.has(ref.id)) return none;
  const marks = { forward: new Map<number, Mark>(), backward: new Map<number, Mark>() };
  const bridges: Bridge[] = [];
  for (const { forward, backward } of savedFor(stage, ref)) {
    marks.forward.set(forward, "saved");
    marks.backward.set(backward, "saved");
    bridges.push({
      from: { side: "forward", id: forward },
      to: { side: "backward", id: backward },
      kind: "saved",
    });
  }
  for (const { ref: other, relation } of counterpartsOf(stage, ref)) {
    marks[other.side].set(other.id, "counterpart");
    const [from, to] = ref.side === "forward" ? [ref, other] : [other, ref];
    bridges.push({ from, to, kind: relation });
  }
  marks[ref.side].set(ref.id, "selected");
  return { ...marks, bridges };
}

function Legend(): JSX.Element {
  return (
    <ul class="legend" aria-label="legend">
      {familyNames.map(([family, name]) => (
        <li key={family}>
          <span class={`swatch ${family}`} aria-hidden="true" />
          {name}
        </li>
      ))}
      <li>
        <span class="swatch input" aria-hidden="true" />
        input
      </li>
      <li>
        <span class="swatch saved" aria-hidden="true" />
        saved value
      </li>
      <li>
        <span class="swatch counterpart" aria-hidden="true" />
        counterpart
      </li>
    </ul>
  );
}

/** Both graphs side by side, the passes above, details beside. */
export function GraphsTab({
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
  const panes = useRef<HTMLDivElement>(null);
  const keys = useRef(false);
  const [moves, setMoves] = useState(0);
  const onMove = useCallback(() => setMoves((count) => count + 1), []);
  const ref = state.hovered ?? state.selected;
  const highlights = useMemo(() => highlightsOf(stage, ref), [stage, ref]);
  const forward = useDrawing(stage.graphs.forward, state.said.forward);
  const backward = useDrawing(stage.graphs.backward, state.said.backward);
  const boxOf = ({ side, id }: RowRef) => ({ forward, backward })[side].boxes.get(id);
  const onCounterpart = (from: RowRef): void => {
    const [other] = counterpartsOf(stage, from);
    if (other !== undefined) dispatch({ kind: "select", ref: other.ref, reveal: true });
  };
  const common = {
    operators: program.operators,
    selected: state.selected,
    reveals: state.reveals,
    keys,
    dispatch,
    onMove,
    onCounterpart,
  };
  return (
    <div class="graphs">
      <PassBar program={program} position={state.stage} stage={stage} dispatch={dispatch} />
      <div class="panes" ref={panes}>
        <GraphPane
          {...common}
          model={stage.graphs.forward}
          title="Forward"
          drawn={forward}
          marks={highlights.forward}
        />
        <GraphPane
          {...common}
          model={stage.graphs.backward}
          title="Backward"
          drawn={backward}
          marks={highlights.backward}
        />
        <Bridges container={panes} bridges={highlights.bridges} boxOf={boxOf} moves={moves} />
      </div>
      <Legend />
      <Inspector
        program={program}
        stage={stage}
        shown={state.selected ?? state.hovered}
        dispatch={dispatch}
      />
    </div>
  );
}
