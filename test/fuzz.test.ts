import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import {
  createRegistry,
  hashGraph,
  nodesOf,
  type OpDef,
  rewritePass,
  type VjpContext,
} from "@adjoint/graph";
import { add, mul, nth, operators, registry, sub } from "@adjoint/ops";
import { plan } from "@adjoint/runtime";
import { jest } from "@jest/globals";
import { type Finding, fuzz } from "./fuzz/fuzz.js";
import { judge } from "./fuzz/judge.js";
import type { Backend } from "./fuzz/laws/law.js";
import { lawsOf } from "./fuzz/laws/laws.js";
import { printedPrograms, printProgram } from "./fuzz/printProgram.js";
import { argumentMakers, randomProgram } from "./fuzz/randomProgram.js";
import { shrink } from "./fuzz/shrink.js";

jest.setTimeout(60_000);

describe("random programs", () => {
  test("there is a maker of arguments for each operator, and for no other", () => {
    expect(Object.keys(argumentMakers).sort()).toEqual([...registry.names].sort());
  });

  test.each(["wild", "smooth"] as const)(
    "%s: each operator occurs when it is asked for",
    (style) => {
      const missed = registry.names.filter((name) => {
        const { graph } = randomProgram(1, { style, only: [name], calls: 2 });
        return !nodesOf(graph).some(({ op }) => op === name);
      });
      expect(missed).toEqual([]);
    },
  );

  test("each operator occurs without being asked for", () => {
    const seen = new Set<string>();
    for (let seed = 0; seed < 600; seed++) {
      for (const { op } of nodesOf(randomProgram(seed, { style: "wild" }).graph)) seen.add(op);
    }
    expect(registry.names.filter((name) => !seen.has(name))).toEqual([]);
  });

  test("equal seeds give equal programs", () => {
    const [one, two] = [1, 2].map(() => randomProgram(7, { style: "smooth" }));
    expect(one).toEqual(two);
  });

  test("keep every law", () => {
    const round = fuzz({ seed: 1, programs: 40 });
    expect(round.findings.map(described)).toEqual([]);
    expect(round.programs).toBe(40);
    const unused = [...round.laws].filter(([, { held }]) => held < 5).map(([name]) => name);
    expect(unused).toEqual([]);
  });
});

function described({ law, detail, style, seed, shrunk }: Finding): string {
  return `${law}: ${detail} (${style} program ${seed})\n${printProgram(shrunk, [law])}`;
}

/** A pass that takes every difference for a sum. */
const forgetful = rewritePass("forgetful", [
  {
    name: "sumOfDifference",
    ops: ["sub"],
    apply: ({ op, ins }) => add(nth(op.name, ins, 0), nth(op.name, ins, 1)),
  },
]);

/** All operators, with a gradient of tanh that lacks a square. */
const withWrongGradient = createRegistry(
  operators.map((op): OpDef => {
    if (op.name !== "tanh" || op.kernel === undefined) return op;
    const rule = ({ heads, outs }: VjpContext) => {
      const head = nth("tanh", heads, 0) ?? nth("tanh", outs, 0);
      return [mul(head, sub(1, nth("tanh", outs, 0)))];
    };
    return { ...op, vjp: { rule } };
  }),
);

/** What a file prints that is written into the folder of printed programs. */
function outputOf(code: string): string {
  const file = new URL(`test-${process.pid}.ts`, printedPrograms);
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
  mkdirSync(printedPrograms, { recursive: true });
  writeFileSync(file, code);
  try {
    return execFileSync(process.execPath, ["--import", tsx, fileURLToPath(file)], {
      encoding: "utf8",
    });
  } finally {
    rmSync(file);
  }
}

describe("what is wrong is found, and shrunk to a few nodes", () => {
  test("a pass that changes numbers", () => {
    const [law] = lawsOf({ passes: [forgetful] }).filter(({ name }) => name === "forgetful");
    if (law === undefined) throw new Error("no law of this pass");
    const program = Array.from({ length: 100 }, (_, seed) =>
      randomProgram(seed, { style: "smooth", only: ["sub"] }),
    ).find((one) => one.graph.order.length > 5 && judge(law, one).kind === "broken");
    if (program === undefined) throw new Error("no program breaks the law");
    const { program: shrunk, detail } = shrink(program, law, registry);
    expect(nodesOf(shrunk.graph).map(({ op }) => op)).toEqual(["sub"]);
    expect(detail).toMatch(/becomes/);
  });

  test("a gradient that is not the derivative", () => {
    const name = "gradient against differences";
    const laws = lawsOf({ registry: withWrongGradient }).filter((law) => law.name === name);
    const { findings } = fuzz({ seed: 1, programs: 200, laws, findings: 1 });
    expect(findings).toHaveLength(1);
    const graph = findings[0]?.shrunk.graph;
    expect(graph === undefined ? [] : nodesOf(graph).map(({ op }) => op)).toEqual(["tanh"]);
  });

  test("a backend that gives other numbers, and one that rounds in another place", () => {
    const backend = (name: string, change: (x: number) => number): Backend => ({
      name,
      plan: (graph, all, options) => ({
        run: (inputs, run) =>
          plan(graph, all, options)
            .run(inputs, run)
            .map(({ type, data }) =>
              data instanceof Float64Array ? { type, data: data.map(change) } : { type, data },
            ),
      }),
    });
    const wrong = backend("wrong", (x) => (x > 0.5 ? x + 1e-3 : x));
    const rounding = backend("rounding", (x) => x * (1 + 2 ** -51));
    const laws = lawsOf({ backends: [wrong, rounding] }).filter(({ name }) =>
      name.startsWith("interpreted and"),
    );
    const { findings } = fuzz({ seed: 1, programs: 30, laws, findings: 1 });
    expect(findings.map(({ law }) => law)).toEqual(["interpreted and wrong programs agree"]);
    expect(findings[0]?.shrunk.graph.order.length).toBeLessThan(3);
  });

  test("a printed program is the program", () => {
    for (const only of ["scan", "pad"]) {
      const program = randomProgram(5, { style: "wild", only: [only] });
      const code = `${printProgram(program, ["deadCode"])}console.log(hashGraph(graph));\n`;
      const output = outputOf(`import { hashGraph } from "@adjoint/graph";\n${code}`);
      expect(output).toContain("deadCode { kind: 'held' }");
      expect(output).toContain(hashGraph(program.graph));
    }
  });
});
