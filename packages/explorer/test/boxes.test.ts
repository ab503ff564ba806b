import type { Program } from "@adjoint/explorer";
import {
  boxOfRows,
  groupRows,
  groupsAround,
  mostBoxes,
  openGroups,
  type VisibleMember,
  visibleMembers,
} from "../src/page/boxes.js";
import { counterpartsOf, type GraphModel, savedFor, stageModel } from "../src/page/model.js";
import { network, programOf, variable } from "./samples.js";

function modelOf(program: Program, stage = program.current) {
  const model = stageModel(program, stage);
  if (model === undefined) throw new Error("no such stage");
  return model;
}

function countBoxes(members: readonly VisibleMember[]): number {
  return members.reduce(
    (sum, member) => sum + (member.kind === "frame" ? countBoxes(member.members) : 1),
    0,
  );
}

function shown(graph: GraphModel, said: ReadonlyMap<string, boolean> = new Map()) {
  const members = groupRows(graph);
  const open = openGroups(members, said);
  return { members, open, visible: visibleMembers(members, open) };
}

/** A long chain without scopes. */
function chain(length: number): Program {
  const x = variable("x", [1, 2]);
  return programOf(() => {
    let y = x;
    for (let round = 0; round < length; round++) y = y.sin();
    return y;
  });
}

describe("what is drawn of a graph", () => {
  test("a small one completely, its scopes as frames", () => {
    const { forward } = modelOf(network()).graphs;
    const { visible, members } = shown(forward);
    const rows = boxOfRows(visible);
    const drawn = forward.rows.filter(({ literal }) => literal === undefined);
    expect([...rows.keys()].sort()).toEqual(drawn.map(({ id }) => id).sort());
    for (const [id, key] of rows) expect(key).toBe(`row ${id}`);
    const inner = drawn.find(({ name }) => name === "tanh");
    expect(groupsAround(members, inner?.id ?? -1)).toEqual(["mlp", "mlp/dense1"]);
  });

  test("a closed scope as one box that all its rows are in", () => {
    const { forward } = modelOf(network()).graphs;
    const { visible } = shown(forward, new Map([["mlp", false]]));
    const boxes = new Set(boxOfRows(visible).values());
    expect(boxes.has("group mlp")).toBe(true);
    expect([...boxes].filter((key) => key.startsWith("row"))).toHaveLength(3);
  });

  test("a large one in blocks, every row in exactly one, and few boxes at first", () => {
    const { forward, backward } = modelOf(chain(3000)).graphs;
    for (const graph of [forward, backward]) {
      const { visible } = shown(graph);
      expect(countBoxes(visible)).toBeLessThanOrEqual(160);
      const drawn = graph.rows.filter(({ literal }) => literal === undefined);
      expect(boxOfRows(visible).size).toBe(drawn.length);
    }
  });

  test("never more than a bound, whatever is opened", () => {
    const { forward } = modelOf(chain(3000)).graphs;
    const members = groupRows(forward);
    const all = new Map<string, boolean>();
    for (const { id } of forward.rows) {
      for (const key of groupsAround(members, id)) all.set(key, true);
    }
    expect(countBoxes(shown(forward, all).visible)).toBeLessThanOrEqual(mostBoxes);
  });
});

describe("what belongs to a row", () => {
  const x = variable("x", [1, 2]);
  const program = programOf(() => x.sin().mul(x).exp());
  const stage = modelOf(program);
  const idOf = (name: string) => program.rows.find((row) => row.name === name)?.id ?? -1;

  test("its derivative, and back", () => {
    const derived = counterpartsOf(stage, { side: "forward", id: idOf("sin") });
    const names = derived.map(({ ref }) => stage.graphs.backward.byId.get(ref.id)?.name);
    expect(names).toEqual(expect.arrayContaining(["cos", "mul"]));
    for (const { ref } of derived) {
      expect(counterpartsOf(stage, ref)).toContainEqual({
        ref: { side: "forward", id: idOf("sin") },
        relation: expect.any(String),
      });
    }
  });

  test("the saved values that its rule reads", () => {
    const read = savedFor(stage, { side: "forward", id: idOf("mul") });
    expect(read.map(({ forward }) => stage.graphs.forward.byId.get(forward)?.name).sort()).toEqual([
      "sin",
      "x",
    ]);
  });

  test("heads and results", () => {
    expect(counterpartsOf(stage, { side: "forward", id: idOf("exp") })).toContainEqual({
      ref: { side: "backward", id: 0 },
      relation: "head",
    });
  });

  test("at the stage of expanded operators too", () => {
    const last = modelOf(network(), network().stages.length - 1);
    const part = last.graphs.forward.rows.find(({ origin }) => origin !== undefined);
    expect(counterpartsOf(last, { side: "forward", id: part?.id ?? -1 }).length).toBeGreaterThan(0);
  });
});
