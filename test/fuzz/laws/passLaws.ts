import {
  fromJson,
  type Graph,
  hashGraph,
  type Pass,
  replay,
  runPasses,
  toJson,
  undo,
  verify,
} from "@adjoint/graph";
import { algebraicSimplification } from "@adjoint/ops";
import { toNumbers } from "@adjoint/runtime";
import { Choices } from "../choices.js";
import { difference, distance } from "../compare.js";
import { argumentsFor, hosts, lowered, planned, type Program, run } from "../program.js";
import type { Derived } from "./derived.js";
import { all, held, judged, type Law, type Subject, skipped, type Verdict } from "./law.js";

interface Context extends Subject {
  readonly derived: Derived;
}

/** After the passes: a valid graph with the same results, whose history replays and reverses. */
function keeps(
  where: string,
  passes: readonly Pass[],
  graph: Graph,
  program: Program,
  { registry, derived }: Context,
  compare = difference,
): Verdict {
  const { graph: after, history } = runPasses(graph, passes, { registry });
  verify(after, registry);
  const texts = [replay(graph, history), after, undo(after, history), graph].map(toJson);
  if (texts[0] !== texts[1]) return judged(where, "history does not replay");
  if (texts[2] !== texts[3]) return judged(where, "history does not reverse");
  const results = run(after, program.inputs, registry);
  return judged(where, compare(derived.resultsOf(graph, program), results));
}

/** Each pass keeps the results of a program, of its parts, and of its gradient. */
function keepsNumbers(pass: Pass, context: Context): Law {
  return {
    name: pass.name,
    check(program) {
      const { graph } = program;
      const gradient = context.derived.pullback(program);
      const parts = () => lowered(graph, context.registry);
      return all(
        () => keeps("program", [pass], graph, program, context),
        () => keeps("lowered program", [pass], parts(), program, context),
        () =>
          "value" in gradient ? keeps("gradient", [pass], gradient.value, program, context) : held,
      );
    },
  };
}

/** The passes one after the other, in an order that depends on the program. */
function inTurn(context: Context): Law {
  return {
    name: "passes in any order",
    check(program) {
      const { graph } = program;
      const order = new Choices(graph.nextId).permutation(context.passes.length);
      const passes = order.flatMap((at) => context.passes[at] ?? []);
      const names = passes.map(({ name }) => name).join(", ");
      return keeps(names, [...passes, ...passes], graph, program, context);
    },
  };
}

/** What assumptions allow changes nothing where they are true, but for rounding and signs of zeros. */
function underAssumptions(context: Context): Law {
  const assume = { noNaN: true, noInfinity: true, noSignedZero: true };
  const pass = algebraicSimplification({ assume });
  return {
    name: "algebraicSimplification under assumptions",
    check(program) {
      const { graph, inputs, style } = program;
      if (style === "wild") return skipped("assumptions do not hold for all numbers");
      const plan = planned(graph, context.registry, "all");
      const values = plan.run(argumentsFor(graph, inputs), { hosts });
      if (!values.flatMap(toNumbers).every(Number.isFinite))
        return skipped("values are not finite");
      return keeps("program", [pass], graph, program, context, distance);
    },
  };
}

const json = ({ registry, derived }: Context): Law => ({
  name: "JSON round trip",
  check(program) {
    const gradient = derived.pullback(program);
    for (const graph of [program.graph, ...("value" in gradient ? [gradient.value] : [])]) {
      const back = fromJson(toJson(graph));
      verify(back, registry);
      if (toJson(back) !== toJson(graph)) return judged(graph.name, "text differs");
      if (hashGraph(back) !== hashGraph(graph)) return judged(graph.name, "hash differs");
      const results = run(back, program.inputs, registry);
      const found = difference(derived.resultsOf(graph, program), results);
      if (found !== undefined) return judged(graph.name, found);
    }
    return held;
  },
});

/** What passes promise. */
export function passLaws(subject: Subject, derived: Derived): readonly Law[] {
  const context = { ...subject, derived };
  return [
    ...subject.passes.map((pass) => keepsNumbers(pass, context)),
    inTurn(context),
    underAssumptions(context),
    json(context),
  ];
}
