import { Builder, DTypeError, type OpDef } from "@adjoint/graph";
import { registry } from "@adjoint/ops";
import { Choices } from "./choices.js";
import { decreed } from "./decreed.js";
import { arrayMakers } from "./operators/arrays.js";
import { elementwiseMakers } from "./operators/elementwise.js";
import { indexMakers } from "./operators/indexing.js";
import { layerMakers } from "./operators/layers.js";
import type { Makers } from "./operators/maker.js";
import { productMakers } from "./operators/products.js";
import { programMakers } from "./operators/programs.js";
import { randomMakers } from "./operators/randomness.js";
import { spatialMakers } from "./operators/spatial.js";
import { windowMakers } from "./operators/windows.js";
import { type Program, planned } from "./program.js";
import { type Call, Sketch, type Style } from "./sketch.js";

/** Operators of programs within programs, and no deeper. */
const deepest = 2;

/** How to call each operator of the registry. */
export const argumentMakers: Makers = {
  ...elementwiseMakers,
  ...arrayMakers,
  ...indexMakers,
  ...productMakers,
  ...windowMakers,
  ...spatialMakers,
  ...randomMakers,
  ...layerMakers,
  ...programMakers((sketch, calls) => {
    for (let call = 0; call < calls; call++) addCall(sketch, sketch.operators);
  }),
};

/** What most smooth programs consist of, so that their gradients can be compared with differences. */
const derivable = registry.names.filter((name) => decreed[name] === undefined);

const ofPrograms = ["call", "scan", "whileLoop", "cond"];

/** False where the runtime can't calculate with these dtypes. */
function isSupported(op: OpDef, { ins, attrs }: Call): boolean {
  const builder = new Builder("one");
  const values = ins.map(({ type }, at) => builder.input(`x${at}`, type));
  builder.emit(op, values, attrs).forEach((value, at) => {
    builder.output(`y${at}`, value);
  });
  try {
    planned(builder.finish(), registry);
    return true;
  } catch (error) {
    if (error instanceof DTypeError) return false;
    throw error;
  }
}

/** Adds a call of one of the operators, in dtypes that the runtime supports. */
function addCall(sketch: Sketch, names: readonly string[]): boolean {
  for (let attempt = 0; attempt < 10; attempt++) {
    const name = sketch.choices.pickAny(names);
    if (name === undefined) return false;
    if (sketch.depth >= deepest && ofPrograms.includes(name)) continue;
    const make = argumentMakers[name];
    if (make === undefined) throw new Error(`${name}: no maker of arguments`);
    const call = make(sketch);
    if (!isSupported(registry.get(name), call)) continue;
    sketch.emit(name, call);
    return true;
  }
  return false;
}

export interface RandomProgramOptions {
  readonly style: Style;
  /** Operators of which there is one call at least; any unless given. */
  readonly only?: readonly string[];
  /** The most calls, beside those that bring arguments into an operator's domain; 8 unless given. */
  readonly calls?: number;
}

/** The well-typed program of this seed. Its results are most values that nothing reads, and some others. */
export function randomProgram(seed: number, options: RandomProgramOptions): Program {
  const { style, calls = 8 } = options;
  const choices = new Choices(seed);
  const operators = style === "smooth" && choices.chance(0.9) ? derivable : registry.names;
  const { only = operators } = options;
  const sketch = new Sketch(choices, style, operators);
  const count = choices.between(1, calls);
  const place = choices.between(0, count - 1);
  for (let call = 0; call < count; call++) {
    const wanted = call === place || choices.chance(0.3) ? only : operators;
    if (!addCall(sketch, wanted) && call === place) addCall(sketch, only);
  }
  addOutputs(sketch);
  const { inputs, held } = sketch;
  return { style, graph: sketch.builder.finish(), inputs, held };
}

function addOutputs({ builder, pool, choices }: Sketch): void {
  const graph = builder.finish();
  const read = new Set(
    graph.order.flatMap((id) => graph.nodes[id]?.inputs.map(({ node, out }) => `${node}.${out}`)),
  );
  const results = pool.filter(({ id, out }, at) => {
    const isNode = graph.nodes[id] !== undefined;
    const isLast = at === pool.length - 1;
    return isLast || (isNode && choices.chance(read.has(`${id}.${out}`) ? 0.1 : 0.9));
  });
  [...new Set(results)].forEach((value, at) => {
    builder.output(`y${at}`, value);
  });
}
