import { at } from "../../kernels/prepare.js";
import type { Team } from "../../threads/team.js";
import type { WasmHost } from "../wasmHost.js";
import type { CompiledPlan } from "./compiledPlan.js";
import type { NamedList } from "./emitPlan.js";
import { slots } from "./planCall.js";
import { aligned } from "./planLayout.js";
import { threadLists } from "./threadLists.js";

/** A list of calls as code: its parameter is the address of the table. */
export type List = (table: number) => void;

/** The code that several threads run for one plan. */
export class Crew {
  readonly threads: number;

  private constructor(
    private readonly host: WasmHost,
    private readonly team: Team,
    private readonly plan: number,
    /** What this thread runs of each list; undefined for lists that it runs alone. */
    private readonly lists: readonly (List | undefined)[],
  ) {
    this.threads = team.threads;
  }

  /** Undefined where no step of the plan is worth dividing. `owner`: the plan's own object. */
  static of(
    owner: object,
    { lists, layout, scratchBytes }: CompiledPlan,
    host: WasmHost,
    team: Team,
  ): Crew | undefined {
    const first = aligned(layout.arenaBytes);
    const scratches = Array.from({ length: team.threads }, (_, thread) => {
      return { slot: slots.arena, offset: first + thread * aligned(scratchBytes) };
    });
    const divided = lists.map((list) => threadLists(list, scratches));
    if (divided.every((list) => list === undefined)) return undefined;
    const named = divided.flatMap((list, position) =>
      (list ?? []).map((steps, thread): NamedList => ({ name: `run${position}.${thread}`, steps })),
    );
    const { threads, control, maySleep } = team;
    const { module, exports, imported } = host.link(named, {
      threads,
      control,
      maySleep: (list) => maySleep || !list.endsWith(".0"),
    });
    const plan = team.add(owner, module, imported);
    const own = divided.map((list, position) =>
      list === undefined ? undefined : listIn(exports, `run${position}.0`),
    );
    return new Crew(host, team, plan, own);
  }

  /**
   * Runs a list as a job of all threads; false, and nothing done, while some have no code yet, and for
   * lists that are not divided.
   */
  run(list: number, table: number): boolean {
    const { host, team, plan } = this;
    const own = this.lists[list];
    if (own === undefined || !team.has(plan)) return false;
    team.begin(plan, list);
    own(table);
    host.sharedRuns++;
    return true;
  }
}

/** The exported functions of lists, in their order. */
export function listsIn(exports: WebAssembly.Exports, lists: readonly NamedList[]): List[] {
  return lists.map((_, position) => listIn(exports, at(lists, position).name));
}

function listIn(exports: WebAssembly.Exports, name: string): List {
  const list: unknown = exports[name];
  if (!isList(list)) throw new TypeError(`the module exports no ${name}`);
  return list;
}

function isList(value: unknown): value is List {
  return typeof value === "function";
}
