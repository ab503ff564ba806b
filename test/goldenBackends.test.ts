import { fileURLToPath } from "node:url";
import { Runtime, type StepCode } from "@adjoint/runtime";
import { session } from "../packages/nd/src/session.js";
import { WasmPlan } from "../packages/runtime/src/wasm/plan/wasmPlan.js";
import { deliberateDifferences } from "./deliberate.js";
import { problemsOf } from "./goldenRunner.js";
import { loadCases } from "./loadCases.js";

const folders = ["golden", "golden/recorded"].map((name) =>
  fileURLToPath(new URL(name, import.meta.url)),
);
const cases = folders.flatMap(loadCases);

/** What a step computes, and by which code. */
interface Computed {
  readonly code: StepCode;
  readonly ops: readonly string[];
}

/** Compiles every program, and notes what runs its steps. */
class WatchedRuntime extends Runtime {
  readonly steps: Computed[] = [];

  override plan(...args: Parameters<Runtime["plan"]>): ReturnType<Runtime["plan"]> {
    const made = super.plan(...args);
    if (!(made instanceof WasmPlan)) return made;
    const { graph, steps } = made.describe();
    for (const { code, nodes } of steps) {
      const ops = nodes.map((id) => graph.nodes[id]?.op ?? "");
      this.steps.push({ code, ops: nodes.length === 0 ? ["copy"] : ops });
    }
    return made;
  }
}

const runtime = new WatchedRuntime({ mode: "compiled" });
Object.assign(session, { runtime });

const wrong: string[] = [];

beforeAll(() => {
  for (const one of cases) {
    const problems = problemsOf(one);
    if (problems.length === 0 || deliberateDifferences(one, problems).length > 0) continue;
    wrong.push(...problems.map((problem) => `${one.id}: ${problem}`));
  }
});

test("MXNet's numbers, by generated code: forward and gradients of every case", () => {
  expect(wrong).toEqual([]);
});

/** Kernels, and the operators that each one ran; all that are fused have one name together. */
function operatorsOf(steps: readonly Computed[]): string {
  const kernels = new Map<string, Set<string>>();
  for (const { code, ops } of steps) {
    const kernel = "kernel" in code ? code.kernel : code.kind;
    const known = kernels.get(kernel) ?? new Set();
    for (const op of ops) known.add(op);
    kernels.set(kernel, known);
  }
  return [...kernels]
    .map(([kernel, ops]) => `${kernel} (${ops.size}):\n${wrapped([...ops].sort())}`)
    .sort()
    .join("\n");
}

function wrapped(words: readonly string[]): string {
  const lines: string[] = [];
  for (const word of words) {
    const line = lines.at(-1);
    if (line === undefined || line.length + word.length > 90) lines.push(`  ${word}`);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines.join("\n");
}

test("no operator of these programs falls back to JavaScript", () => {
  const steps = runtime.steps;
  const fallen = steps.filter(({ code }) => code.kind === "interpreted");
  expect(operatorsOf(fallen)).toBe("");
  expect(operatorsOf(steps)).toMatchInlineSnapshot(`
"contract (2):
  batchDot dot
fused (81):
  abs add addN arange arccos arccosh arcsin arcsinh arctan arctanh broadcastTo cast cbrt
  ceil clip copy cos cosh degrees div equal erf erfinv exp expm1 eye floor full gamma
  gammaln greater greaterEqual hardSigmoid hypot lesser lesserEqual log log10 log1p log2
  logicalAnd logicalNot logicalOr logicalXor makeLoss max maximum min minimum mod mul
  negative notEqual polygamma pow prod radians rcbrt reciprocal relu reshape rint round
  rsqrt sigmoid sign sin sinh slice smoothL1 softsign sqrt square stopGradient sub sum tan
  tanh transpose trunc where
index (7):
  gatherNd gatherNdAdjoint scatterNd take takeAdjoint takeAlong takeAlongAdjoint
linalg (4):
  inverse potrf slogdet trsm
order (2):
  cumsum sort
pack (2):
  concat pad
reduce (2):
  argmax argmin
view (2):
  broadcastTo slice
window (6):
  conv convData convWeight poolMax poolSum poolSumAdjoint"
`);
});
