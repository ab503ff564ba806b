import type { Side, Session } from "../session/session.js";
import type { RowRef } from "./model.js";

export const tabs = ["graphs", "reverse", "plan", "trace"] as const;
export type Tab = (typeof tabs)[number];

/** Which groups the user opened or closed, by key. */
export type Said = ReadonlyMap<string, boolean>;

export type Connection = "live" | "lost" | "file";

/** All that the page shows, besides what the browser keeps itself. */
export interface State {
  readonly session: Session;
  readonly connection: Connection;
  readonly tab: Tab;
  /** Position among the stages. */
  readonly stage: number;
  readonly selected: RowRef | undefined;
  readonly hovered: RowRef | undefined;
  readonly said: { readonly [S in Side]: Said };
  /** Steps of the reverse walk that are done. */
  readonly walked: number;
  readonly help: boolean;
  /** Counts requests to bring the selection into view. */
  readonly reveals: number;
}

export type Action =
  | { readonly kind: "session"; readonly session: Session }
  | { readonly kind: "connection"; readonly connection: Connection }
  | { readonly kind: "tab"; readonly tab: Tab }
  | { readonly kind: "stage"; readonly stage: number }
  /** So many passes on. */
  | { readonly kind: "pass"; readonly by: number }
  | { readonly kind: "select"; readonly ref: RowRef | undefined; readonly reveal?: boolean }
  | { readonly kind: "hover"; readonly ref: RowRef | undefined }
  | {
      readonly kind: "open";
      readonly side: Side;
      readonly groups: readonly string[];
      readonly open: boolean;
    }
  | { readonly kind: "walk"; readonly walked: number }
  /** So many steps on. */
  | { readonly kind: "step"; readonly by: number }
  | { readonly kind: "help"; readonly help: boolean };

export type Dispatch = (action: Action) => void;

const nobody: Said = new Map();

/** The stage whose graphs `backward` runs. */
function currentStage({ outcome }: Session): number {
  return outcome.kind === "program" ? outcome.program.current : 0;
}

export function initialState(session: Session, connection: Connection): State {
  return {
    session,
    connection,
    tab: "graphs",
    stage: currentStage(session),
    selected: undefined,
    hovered: undefined,
    said: { forward: nobody, backward: nobody },
    walked: 0,
    help: false,
    reveals: 0,
  };
}

function between(value: number, most: number): number {
  return Math.min(Math.max(value, 0), most);
}

function lastStage({ session: { outcome } }: State): number {
  return outcome.kind === "program" ? outcome.program.stages.length - 1 : 0;
}

function lastStep({ session: { outcome } }: State): number {
  if (outcome.kind === "failure") return 0;
  return outcome.program.walk.steps.length;
}

/** What stays when the program was changed: tab, stage, and the selection where the row is still the same. */
function renewed(state: State, session: Session): State {
  const { outcome: before } = state.session;
  const { outcome: after } = session;
  if (after.kind === "failure") return { ...state, session, hovered: undefined };
  const { program } = after;
  const stayed = before.kind === "program" && state.stage === before.program.current;
  const stage = stayed ? program.current : Math.min(state.stage, program.stages.length - 1);
  const { selected } = state;
  const graph = selected === undefined ? undefined : program.stages[stage]?.graphs[selected.side];
  const isThere = graph?.rows.some((position) => program.rows[position]?.id === selected?.id);
  return {
    ...state,
    session,
    stage,
    hovered: undefined,
    selected: isThere === true ? selected : undefined,
    walked: Math.min(state.walked, program.walk.steps.length),
  };
}

export function reduce(state: State, action: Action): State {
  switch (action.kind) {
    case "session":
      return renewed(state, action.session);
    case "connection":
      return { ...state, connection: action.connection };
    case "tab":
      return { ...state, tab: action.tab, hovered: undefined };
    case "stage":
      return { ...state, stage: action.stage, hovered: undefined };
    case "select":
      return {
        ...state,
        selected: action.ref,
        hovered: undefined,
        reveals: action.reveal === true ? state.reveals + 1 : state.reveals,
      };
    case "hover":
      return { ...state, hovered: action.ref };
    case "open": {
      const said = new Map(state.said[action.side]);
      for (const group of action.groups) said.set(group, action.open);
      return { ...state, said: { ...state.said, [action.side]: said } };
    }
    case "pass":
      return {
        ...state,
        stage: between(state.stage + action.by, lastStage(state)),
        hovered: undefined,
      };
    case "walk":
      return { ...state, walked: action.walked };
    case "step":
      return { ...state, walked: between(state.walked + action.by, lastStep(state)) };
    case "help":
      return { ...state, help: action.help };
    default:
      return action satisfies never;
  }
}
