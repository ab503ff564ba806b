/**
 * Graphs without arrays, for people who bring their own front end: builds y = 2·xᵀx, derives its gradient, runs both,
 * and saves them to ./out. Run with `npx tsx examples/graph.ts` after `npm run build`.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import {
  Builder,
  execute,
  fromJson,
  type Graph,
  gradient,
  joint,
  lower,
  op,
  plan,
  registry,
  runPasses,
  type Tensor,
  tensorOf,
  tensorType,
  toDot,
  toJson,
  toNumbers,
  toText,
  verify,
} from "adjoint";

// The program: y = 2·xᵀx.
const builder = new Builder("seed");
const x = builder.input("x", tensorType("float32", [4, 1]));
const y = op.multiply(op.dot(op.transpose(x), x), 2);
builder.output("y", y);
const graph = builder.finish();
verify(graph, registry);
console.log(toText(graph));

// Its gradient, a graph of its own: dx = 4·x·dy.
const { forward, backward } = gradient(graph, { wrt: ["x"] });
console.log(toText(backward));

// Execution: composite operators are expanded first; a plan is made once and runs often.
function lowered(program: Graph): Graph {
  return runPasses(program, [lower], { registry }).graph;
}

function show(name: string, tensor: Tensor | undefined): void {
  if (tensor === undefined) throw new Error(`${name}: no such result`);
  console.log(`${name} = [${toNumbers(tensor).join(", ")}]`);
}

const values = tensorOf([[0], [1], [2], [3]], "float32");
const [result, ...saved] = execute(lowered(forward), { x: values }, registry);
show("y", result);

// Head gradients are inputs like any other; the saved values come from the forward graph, in the same order.
const head = tensorOf([[1]], "float32");
const backwardPlan = plan(lowered(backward), registry);
show("dy/dx", backwardPlan.run([head, ...saved])[0]);
show("10·dy/dx", backwardPlan.run([tensorOf([[10]], "float32"), ...saved])[0]);

// Second derivative along v: the gradient of dy/dx, with v as its head gradient.
const second = gradient(joint({ forward, backward }), { heads: ["grad.x"], wrt: ["x"] });
const [, , ...handedOver] = execute(lowered(second.forward), [values, head], registry);
const direction = tensorOf([[1], [0], [0], [0]], "float32");
const [curvature] = execute(lowered(second.backward), [direction, ...handedOver], registry);
show("d²y/dx²·v", curvature);

// Saving: DOT for Graphviz, JSON to be read again.
mkdirSync("out", { recursive: true });
writeFileSync("out/seed.dot", toDot({ forward, backward }));
writeFileSync("out/seed.second.dot", toDot(second));
writeFileSync("out/seed.forward.json", toJson(forward));
writeFileSync("out/seed.backward.json", toJson(backward));

const reloaded = fromJson(readFileSync("out/seed.backward.json", "utf8"));
verify(reloaded, registry);
console.log(`reloaded: ${toText(reloaded) === toText(backward)}`);
