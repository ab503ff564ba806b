import type { JSX } from "preact";
import { useEffect, useMemo, useReducer, useState } from "preact/hooks";
import type { Program, Session } from "../session/session.js";
import { FailureView } from "./FailureView.js";
import { GraphsTab } from "./GraphsTab.js";
import { groupRows, groupsAround } from "./boxes.js";
import { Help } from "./Help.js";
import { followServer } from "./live.js";
import { type RowRef, type StageModel, stageModel } from "./model.js";
import { PlanTab } from "./PlanTab.js";
import { Search } from "./Search.js";
import {
  type Action,
  type Connection,
  type Dispatch,
  initialState,
  reduce,
  type State,
  type Tab,
  tabs,
} from "./store.js";
import { applyTheme, rememberedTheme, type Theme, themes } from "./theme.js";
import { TraceTab } from "./TraceTab.js";
import { WalkTab } from "./WalkTab.js";

const tabNames: { readonly [T in Tab]: string } = {
  graphs: "Graphs",
  reverse: "Reverse pass",
  plan: "Plan",
  trace: "Trace tree",
};

const connections: { readonly [C in Connection]: string } = {
  live: "follows the source",
  lost: "server gone",
  file: "a file",
};

function ThemePicker(): JSX.Element {
  const [theme, setTheme] = useState<Theme>(rememberedTheme);
  useEffect(() => applyTheme(theme), [theme]);
  return (
    <label class="theme">
      <span class="hidden">theme</span>
      <select
        value={theme}
        onChange={({ currentTarget }) =>
          setTheme(themes.find((one) => one === currentTarget.value) ?? "auto")
        }
      >
        {themes.map((one) => (
          <option key={one} value={one}>
            {one === "auto" ? "system theme" : one}
          </option>
        ))}
      </select>
    </label>
  );
}

function Tabs({ tab, dispatch }: { readonly tab: Tab; readonly dispatch: Dispatch }): JSX.Element {
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step === 0) return;
    const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length] ?? tab;
    dispatch({ kind: "tab", tab: next });
    document.getElementById(`tab-${next}`)?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label="views" onKeyDown={onKeyDown}>
      {tabs.map((one) => (
        <button
          key={one}
          id={`tab-${one}`}
          type="button"
          role="tab"
          aria-selected={one === tab}
          aria-controls="view"
          tabIndex={one === tab ? 0 : -1}
          onClick={() => dispatch({ kind: "tab", tab: one })}
        >
          {tabNames[one]}
        </button>
      ))}
    </div>
  );
}

/** Selects a row and opens the groups around it. */
function pickRow(stage: StageModel, ref: RowRef, dispatch: Dispatch): void {
  const groups = groupsAround(groupRows(stage.graphs[ref.side]), ref.id);
  dispatch({ kind: "open", side: ref.side, groups, open: true });
  dispatch({ kind: "select", ref, reveal: true });
  dispatch({ kind: "tab", tab: "graphs" });
}

function View({
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
  const recorded = useMemo(() => stageModel(program, program.current) ?? stage, [program]);
  switch (state.tab) {
    case "graphs":
      return <GraphsTab program={program} stage={stage} state={state} dispatch={dispatch} />;
    case "reverse":
      return <WalkTab program={program} stage={recorded} state={state} dispatch={dispatch} />;
    case "plan":
      return <PlanTab program={program} dispatch={dispatch} />;
    case "trace":
      return <TraceTab program={program} />;
    default:
      return state.tab satisfies never;
  }
}

const keys: { readonly [key: string]: Action } = {
  "?": { kind: "help", help: true },
  Escape: { kind: "select", ref: undefined },
  "[": { kind: "pass", by: -1 },
  "]": { kind: "pass", by: 1 },
  ",": { kind: "step", by: -1 },
  ".": { kind: "step", by: 1 },
};

/** What keys do wherever the focus is, unless it is where text is typed. */
function onKey(event: KeyboardEvent, dispatch: Dispatch): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  const { target } = event;
  if (target instanceof HTMLElement && target.matches("input[type=search], select, dialog *"))
    return;
  const tab = tabs[Number(event.key) - 1];
  const action: Action | undefined = tab === undefined ? keys[event.key] : { kind: "tab", tab };
  if (action !== undefined) dispatch(action);
  else if (event.key === "/") document.getElementById("search")?.focus();
  else return;
  event.preventDefault();
}

/** The page. */
export function App({
  session,
  connection,
}: {
  readonly session: Session;
  readonly connection: Connection;
}): JSX.Element {
  const [state, dispatch] = useReducer(reduce, initialState(session, connection));
  useEffect(() => (connection === "file" ? undefined : followServer(dispatch)), []);
  const { outcome, title } = state.session;
  const program = outcome.kind === "program" ? outcome.program : undefined;
  const stage = useMemo(
    () => (program === undefined ? undefined : stageModel(program, state.stage)),
    [program, state.stage],
  );
  useEffect(() => {
    document.title = `${title} – Adjoint`;
  }, [title]);
  useEffect(() => {
    const listener = (event: KeyboardEvent) => onKey(event, dispatch);
    document.addEventListener("keydown", listener);
    return () => document.removeEventListener("keydown", listener);
  }, []);
  return (
    <>
      <header class="top">
        <h1>
          <span class="brand">Adjoint</span> {title}
        </h1>
        {program !== undefined && <Tabs tab={state.tab} dispatch={dispatch} />}
        <span class="space" />
        {stage !== undefined && (
          <Search stage={stage} onPick={(ref) => pickRow(stage, ref, dispatch)} />
        )}
        <span class={`connection ${state.connection}`} role="status">
          {connections[state.connection]}
        </span>
        <ThemePicker />
        <button
          type="button"
          class="small"
          aria-label="keys"
          onClick={() => dispatch({ kind: "help", help: true })}
        >
          ?
        </button>
      </header>
      <main>
        {outcome.kind === "failure" ? (
          <FailureView failure={outcome.failure} isLive={state.connection === "live"} />
        ) : (
          <div id="view" role="tabpanel" aria-labelledby={`tab-${state.tab}`}>
            {stage !== undefined && (
              <View program={outcome.program} stage={stage} state={state} dispatch={dispatch} />
            )}
          </div>
        )}
      </main>
      {state.help && <Help onClose={() => dispatch({ kind: "help", help: false })} />}
    </>
  );
}
