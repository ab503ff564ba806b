import type { Program, Session } from "@adjoint/explorer";
import { embedded } from "../src/server/document.js";
import { nd } from "@adjoint/nd";
import { network, programOf, variable } from "./samples.js";

function rowsAt(program: Program, stage: number, side: "forward" | "backward") {
  const graph = program.stages[stage]?.graphs[side];
  return (graph?.rows ?? []).flatMap((position) => program.rows[position] ?? []);
}

describe("a described program", () => {
  test("has the gradient as derived, after each pass, and expanded", () => {
    const { stages, current } = network();
    const names = stages.map(({ name }) => name);
    expect(names.slice(0, 6)).toEqual([
      "derived",
      "deadCode",
      "algebraicSimplification",
      "commonSubexpressions",
      "deadCode",
      "lower",
    ]);
    expect(current).toBe(4);
    for (const name of names.slice(6)) expect(names.slice(1, 5)).toContain(name);
  });

  test("ends with the graphs that are planned", () => {
    const program = network();
    for (const side of ["forward", "backward"] as const) {
      const ids = new Set(rowsAt(program, program.stages.length - 1, side).map(({ id }) => id));
      const planned = program.plans[side].steps.flatMap(({ nodes }) => nodes);
      expect(planned.length).toBeGreaterThan(5);
      for (const { id } of planned) expect(ids.has(id)).toBe(true);
    }
  });

  test("shares rows that a pass left as they are", () => {
    const program = network();
    const last = program.stages[program.current]?.graphs.backward.rows ?? [];
    const before = program.stages[program.current - 1]?.graphs.backward.rows ?? [];
    expect(last).toEqual(before);
    const expanded = program.stages.at(-1)?.graphs.forward.rows ?? [];
    const recorded = program.stages[0]?.graphs.forward.rows ?? [];
    expect(recorded.filter((position) => expanded.includes(position)).length).toBeGreaterThan(5);
  });

  test("says which rule put which row in the place of which", () => {
    const x = variable("x", [1, 2]);
    const program = programOf(() => x.mul(-1).mul(x).sum());
    const merged = program.stages.flatMap(({ replacements }) => replacements);
    expect(merged.length).toBeGreaterThan(0);
    for (const { rule } of merged) expect(rule).not.toBe("");
    const counted = program.stages.flatMap(({ rules }) => rules.map(({ rule }) => rule));
    for (const { rule } of merged) expect(counted).toContain(rule);
  });

  test("names the program's row behind every row of an expanded program", () => {
    const program = network();
    const recorded = new Set(rowsAt(program, 0, "forward").map(({ id }) => id));
    const expanded = rowsAt(program, program.stages.length - 1, "forward");
    expect(expanded.length).toBeGreaterThan(recorded.size);
    for (const { id, origin } of expanded) expect(recorded.has(origin ?? id)).toBe(true);
  });

  test("reads only rows that are there, at each stage", () => {
    const program = network();
    for (const side of ["forward", "backward"] as const) {
      program.stages.forEach((stage, position) => {
        const rows = rowsAt(program, position, side);
        const ids = new Set(rows.map(({ id }) => id));
        const read = rows.flatMap(({ inputs }) => inputs.map(([row]) => row));
        const given = stage.graphs[side].outputs.map(({ place: [row] }) => row);
        expect([...read, ...given].filter((id) => !ids.has(id))).toEqual([]);
      });
    }
  });

  test("has a value for each row of each stage", () => {
    const program = network();
    for (const side of ["forward", "backward"] as const) {
      program.stages.forEach((_, stage) => {
        for (const { id, types } of rowsAt(program, stage, side)) {
          types.forEach((type, out) => {
            expect(program.values[side][`${id}.${out}`]?.type).toBe(type);
          });
        }
      });
    }
  });

  test("carries numbers that JSON lacks", () => {
    const x = variable("x", [0, 1, -1]);
    const { values, rows } = programOf(() => x.log());
    const log = rows.find(({ name }) => name === "log");
    const value = values.forward[`${log?.id}.0`];
    expect(value?.grid.cells).toEqual(["-inf", 0, "nan"]);
    expect(JSON.parse(JSON.stringify(value))).toEqual(value);
    expect(value).toMatchObject({ nans: 1, infinities: 1 });
  });

  test("samples large arrays evenly", () => {
    const x = nd
      .arange(64 * 70)
      .reshape([64, 70])
      .attachGrad();
    const { values, rows } = programOf(() => x.mul(2));
    const row = rows.find(({ name }) => name === "mul");
    const grid = values.forward[`${row?.id}.0`]?.grid;
    expect(grid).toMatchObject({ rowStep: 2, columnStep: 4, rows: 32, columns: 18 });
    expect(grid?.cells[19]).toBe(2 * (2 * 70 + 4));
  });

  test("says how each graph is run: kernels by the rows that they compute, memory, times", () => {
    const { plans, rows } = network();
    const ids = new Set(rows.map(({ id }) => id));
    for (const { steps, slots, arenaBytes, liveBytesBound } of Object.values(plans)) {
      expect(steps.length).toBeGreaterThan(0);
      for (const { rows: own, milliseconds } of steps) {
        for (const id of own) expect(ids.has(id)).toBe(true);
        expect(milliseconds).toBeGreaterThanOrEqual(0);
      }
      for (const { offset, bytes } of slots) expect(offset + bytes).toBeLessThanOrEqual(arenaBytes);
      expect(liveBytesBound).toBeLessThanOrEqual(arenaBytes);
    }
  });

  test("walks large programs too, with samples of their arrays", () => {
    const x = variable("x", [1, 2]);
    const { walk, omissions } = programOf(() => {
      let y = x;
      for (let round = 0; round < 1100; round++) y = y.sin();
      return y;
    });
    expect(walk.steps).toHaveLength(1100);
    expect(walk.steps.at(-1)?.contributions[0]?.total.type).toBe("float32[2]");
    expect(omissions).toHaveLength(1);
  });
});

test("a session in a document cannot end its own element", () => {
  const program = network();
  const session: Session = {
    title: "</script><b>",
    command: "adjoint explore",
    outcome: { kind: "program", program },
  };
  const text = embedded(session);
  expect(text).not.toContain("<");
  expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(session)));
});
