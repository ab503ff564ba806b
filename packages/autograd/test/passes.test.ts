import {
  commonSubexpressions,
  constantFolding,
  deadCode,
  fromJson,
  type Graph,
  hashGraph,
  lower,
  type Pass,
  replay,
  runPasses,
  sizeOf,
  toJson,
  undo,
  verify,
} from "@adjoint/graph";
import { algebraicSimplification, registry } from "@adjoint/ops";
import { evaluateNode } from "@adjoint/runtime";
import fc from "fast-check";
import { gradient, joint } from "../src/index.js";
import { anyProgram } from "./randomPrograms.js";
import { run } from "./support.js";

const passes: readonly Pass[] = [
  deadCode,
  commonSubexpressions,
  algebraicSimplification(),
  lower,
  constantFolding({ evaluate: evaluateNode }),
];

/** Ordinary numbers, and those at which careless rewriting shows. */
const anyNumber = fc.oneof(
  { weight: 6, arbitrary: fc.double({ min: -2, max: 2, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(0, -0, Infinity, -Infinity, Number.NaN, 1e308, 5e-324) },
);

function numbersFor(graph: Graph): fc.Arbitrary<number[][]> {
  return fc.tuple(
    ...graph.inputs.map(({ type }) => {
      const length = sizeOf(type.shape);
      return fc.array(anyNumber, { minLength: length, maxLength: length });
    }),
  );
}

const anyRun = anyProgram
  .map((graph) => joint(gradient(graph)))
  .chain((graph) => numbersFor(graph).map((inputs) => ({ graph, inputs })));

describe("passes, on random programs with their gradients", () => {
  test.each(passes.map((pass) => [pass.name, pass] as const))(
    "%s leaves a valid graph with the same results, bit for bit",
    (_name, pass) => {
      fc.assert(
        fc.property(anyRun, ({ graph, inputs }) => {
          const { graph: after } = runPasses(graph, [pass], { registry });
          verify(after, registry);
          expect(run(after, inputs)).toEqual(run(graph, inputs));
        }),
        { numRuns: 40 },
      );
    },
  );

  test("history replays and reverses the sequence of all passes", () => {
    fc.assert(
      fc.property(anyProgram, (graph) => {
        const { graph: after, history } = runPasses(graph, passes, { registry });
        expect(replay(graph, history)).toEqual(after);
        expect(undo(after, history)).toEqual(graph);
      }),
      { numRuns: 30 },
    );
  });

  test("graphs of real operators survive JSON", () => {
    fc.assert(
      fc.property(anyProgram, (graph) => {
        const program = joint(gradient(graph));
        const back = fromJson(toJson(program));
        expect(back).toEqual(program);
        expect(hashGraph(back)).toBe(hashGraph(program));
      }),
      { numRuns: 30 },
    );
  });
});
