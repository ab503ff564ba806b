import type { Graph } from "@adjoint/graph";
import { verify } from "@adjoint/graph";
import { registry } from "@adjoint/ops";
import fc from "fast-check";
import { checkGraphGradients, checkpoint, hessian, hvp, jacobian, jvp, vjp } from "../src/index.js";
import { mappedByLoop } from "./mapping.js";
import { anyProgram } from "./randomPrograms.js";
import { anyInputs, close, dotProduct, run, runNamed, scattered } from "./support.js";

const few = { numRuns: 25 };

const inputsOf = (graph: Graph) => graph.inputs.map(({ name }) => name);

test("gradients agree with difference quotients, to second order", () => {
  fc.assert(
    fc.property(anyProgram, (graph) => {
      const values = graph.inputs.map(({ type }, at) => scattered(type.shape, at));
      checkGraphGradients(graph, run, values, { order: 2, directions: 1, tolerance: 1e-5 });
    }),
    few,
  );
});

test("a gradient is linear in its heads", () => {
  fc.assert(
    fc.property(anyProgram, (graph) => {
      const pullback = vjp(graph);
      verify(pullback, registry);
      const [one, two] = [anyInputs(pullback, 1), anyInputs(pullback, 5)];
      const heads = ["head.y", "head.s"];
      const at = (mix: (a: number, b: number) => number) =>
        runNamed(pullback, {
          ...one,
          ...Object.fromEntries(
            heads.map((name) => [
              name,
              (one[name] ?? []).map((value, index) => mix(value, two[name]?.[index] ?? 0)),
            ]),
          ),
        });
      const [a, b, both] = [at((u) => u), at((_, v) => v), at((u, v) => 2 * u - 3 * v)];
      for (const name of ["grad.w", "grad.x", "grad.z"]) {
        const want = (a[name] ?? []).map((value, i) => 2 * value - 3 * (b[name]?.[i] ?? NaN));
        expect(both[name]).toEqual(close(want, 9));
      }
    }),
    few,
  );
});

test("forward and reverse mode are adjoint: <u, J v> = <Jᵀ u, v>", () => {
  fc.assert(
    fc.property(anyProgram, (graph) => {
      const [pushforward, pullback] = [jvp(graph), vjp(graph)];
      verify(pushforward, registry);
      const given = {
        ...anyInputs(pushforward, 2),
        ...anyInputs(pullback, 4),
        ...anyInputs(graph),
      };
      const [tangents, gradients] = [runNamed(pushforward, given), runNamed(pullback, given)];
      const left = ["y", "s"].map((name) =>
        dotProduct(given[`head.${name}`] ?? [], tangents[`tangent.${name}`] ?? []),
      );
      const right = inputsOf(graph).map((name) =>
        dotProduct(given[`tangent.${name}`] ?? [], gradients[`grad.${name}`] ?? []),
      );
      const sum = (list: readonly number[]) => list.reduce((total, one) => total + one, 0);
      expect(sum(left)).toBeCloseTo(sum(right), 8);
    }),
    few,
  );
});

test("a mapped program and its mapped gradient equal a loop, whatever is mapped", () => {
  fc.assert(
    fc.property(anyProgram, fc.subarray(["w", "x", "z"], { minLength: 1 }), (graph, names) => {
      for (const one of [graph, vjp(graph)]) {
        const { have, want } = mappedByLoop(one, names, 3);
        expect(have).toEqual(want.map((values) => close(values, 9)));
      }
    }),
    few,
  );
});

test("jacobians of both modes are equal", () => {
  fc.assert(
    fc.property(anyProgram, fc.constantFrom("w", "x"), (graph, wrt) => {
      const given = anyInputs(graph);
      const by = (mode: "forward" | "reverse") =>
        runNamed(jacobian(graph, { wrt, of: "y", mode }), given).jacobian ?? [];
      expect(by("forward")).toEqual(close(by("reverse"), 9));
    }),
    few,
  );
});

test("the hessian is symmetric, and hvp is its product with the vector", () => {
  fc.assert(
    fc.property(anyProgram, (graph) => {
      const [all, product] = [
        hessian(graph, { wrt: "x", of: "s" }),
        hvp(graph, { wrt: "x", of: "s" }),
      ];
      const given = { ...anyInputs(product, 3), ...anyInputs(graph) };
      const rows = runNamed(all, given).hessian ?? [];
      const row = (i: number) => rows.slice(6 * i, 6 * i + 6);
      const column = (i: number) => rows.filter((_, at) => at % 6 === i);
      const want = [0, 1, 2, 3, 4, 5].map((i) => dotProduct(row(i), given["tangent.x"] ?? []));
      expect(runNamed(product, given)["hvp.x"]).toEqual(close(want, 8));
      for (let i = 0; i < 6; i++) expect(row(i)).toEqual(close(column(i), 8));
    }),
    few,
  );
});

test("checkpoints change no gradient", () => {
  fc.assert(
    fc.property(anyProgram, fc.integer({ min: 1, max: 4 }), (graph, segments) => {
      const given = anyInputs(vjp(graph), 2);
      const cut = vjp(checkpoint(graph, { segments }));
      const want = runNamed(vjp(graph), given);
      for (const [name, values] of Object.entries(runNamed(cut, given))) {
        expect(values).toEqual(close(want[name] ?? [], 9));
      }
    }),
    few,
  );
});
