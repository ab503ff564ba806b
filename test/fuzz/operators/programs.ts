import { equalTypes, type Graph, type TensorType, type Value } from "@adjoint/graph";
import { add, first, fronts, fullOp, mul } from "@adjoint/ops";
import { Sketch } from "../sketch.js";
import type { Maker, Makers } from "./maker.js";

/** Puts a few calls of any operators into a sketch. */
export type Fill = (sketch: Sketch, calls: number) => void;

/** The key of the function of the host that custom functions call. */
export const hostKey = 1;

/** A value of this type from what the body has; zeros where it has none. */
function valueFor(body: Sketch, { dtype, shape }: TensorType): Value {
  const fitting = body.pool.filter(({ type }) => equalTypes(type, { dtype, shape }));
  const found = fitting.at(-1 - body.choices.between(0, 1)) ?? fitting.at(-1);
  if (found !== undefined) return found;
  const attrs = { shape, dtype, value: 0 };
  return first("full", body.builder.emit(fullOp, [], attrs));
}

function inner({ choices, style, operators, depth }: Sketch, name: string): Sketch {
  return new Sketch(choices.branch(), style, operators, depth + 1, name);
}

/** A body of parameters of these types, with a few calls in it. */
function opened(outer: Sketch, name: string, types: readonly TensorType[], fill: Fill): Sketch {
  const body = inner(outer, name);
  body.keep(types.map((type, at) => body.builder.input(`p${at}`, type)));
  fill(body, body.choices.between(1, 3));
  return body;
}

function closed(body: Sketch, results: readonly Value[]): Graph {
  results.forEach((value, at) => {
    body.builder.output(`r${at}`, value);
  });
  return body.builder.finish();
}

/** Types of a few values that a program has or may have. */
function arguments_(sketch: Sketch, least: number): Value[] {
  return Array.from({ length: sketch.choices.between(least, 2) }, () => sketch.array());
}

function typesOf(values: readonly Value[]): TensorType[] {
  return values.map(({ type }) => type);
}

const calls =
  (fill: Fill): Maker =>
  (sketch) => {
    const ins = arguments_(sketch, 1);
    const body = opened(sketch, "callee", typesOf(ins), fill);
    const results = [...body.pool.slice(-2), ...body.choices.some(body.pool.slice(0, 1))];
    return { ins, attrs: { graph: closed(body, [...new Set(results)]), name: "callee" } };
  };

/** States come back in their types; other results are any values of the body. */
const scans =
  (fill: Fill): Maker =>
  (sketch) => {
    const { choices } = sketch;
    const length = choices.between(0, 3);
    const counted = choices.chance(0.3);
    const count = counted
      ? [sketch.fresh({ dtype: "int32", shape: [] }, () => [choices.between(0, length)], true)]
      : [];
    const states = arguments_(sketch, 0);
    const slices = states.length === 0 || choices.chance(0.7) ? [sliced(sketch, length)] : [];
    const captured = arguments_(sketch, 0);
    const seen = slices.map(({ type: { dtype, shape } }) => ({ dtype, shape: shape.slice(1) }));
    const parameters = [...typesOf(states), ...seen, ...typesOf(captured)];
    const body = opened(sketch, "step", parameters, fill);
    const next = states.map(({ type }) => valueFor(body, type));
    const stacked = body.choices.some(body.pool.slice(-2), 0.7);
    const summed = body.pool.slice(-1).filter(({ type }) => sketch.dtypes.includes(type.dtype));
    const results = [...next, ...stacked, ...summed];
    const attrs = {
      states: states.length,
      slices: slices.length,
      stacked: stacked.length,
      length,
      reverse: choices.chance(0.5),
      counted,
      history: choices.chance(0.3),
      body: closed(body, results.length === 0 ? body.pool.slice(-1) : results),
    };
    return { ins: [...count, ...states, ...slices, ...captured], attrs };
  };

function sliced(sketch: Sketch, length: number): Value {
  const fits = sketch.choices.chance(0.5);
  const accept = (shape: readonly number[]) => shape[0] === length;
  if (
    fits &&
    sketch.pool.some(({ type }) => accept(type.shape) && sketch.dtypes.includes(type.dtype))
  )
    return sketch.array({ ranks: [1, 3], accept });
  return sketch.like({ dtype: sketch.dtype(), shape: [length, ...sketch.shape(0, 2)] });
}

/** A counter grows until it passes a bound, or the loop is as long as it may be. */
const whileLoops =
  (fill: Fill): Maker =>
  (sketch) => {
    const { choices } = sketch;
    const counter = { dtype: sketch.dtype(sketch.floats), shape: choices.pick([[], [1]]) };
    const start = sketch.fresh(counter, () => [choices.real(-1, 1)]);
    const [states, captured] = [arguments_(sketch, 0), arguments_(sketch, 0)];
    const own = [counter, ...typesOf(states)];
    const asking = inner(sketch, "condition");
    const seen = own.map((type, at) => asking.builder.input(`p${at}`, type));
    const condition = closed(
      asking,
      seen.slice(0, 1).map((one) => fronts.lesser(one, 1.5)),
    );
    const body = opened(sketch, "step", [...own, ...typesOf(captured)], fill);
    const counted = body.pool.slice(0, 1).map((one) => add(mul(one, 1.1), 0.7));
    const next = states.map(({ type }) => valueFor(body, type));
    const stacked = body.choices.some(body.pool.slice(-2), 0.7);
    const attrs = {
      states: own.length,
      stacked: stacked.length,
      length: choices.between(0, 4),
      history: choices.chance(0.3),
      condition,
      body: closed(body, [...counted, ...next, ...stacked]),
    };
    return { ins: [start, ...states, ...captured], attrs };
  };

const conditionals =
  (fill: Fill): Maker =>
  (sketch) => {
    const dtype = sketch.dtype(sketch.indexDTypes);
    const type = { dtype, shape: sketch.choices.pick([[], [1]]) };
    const predicate = sketch.fresh(type, (choices) => [choices.between(0, 1)], true);
    const [taken, other] = [arguments_(sketch, 0), arguments_(sketch, 0)];
    const one = opened(sketch, "whenTrue", typesOf(taken), fill);
    const two = opened(sketch, "whenFalse", typesOf(other), fill);
    const results = one.pool.slice(-2);
    if (results.length === 0) results.push(valueFor(one, { dtype: "float64", shape: [2] }));
    const others = results.map(({ type }) => valueFor(two, type));
    const attrs = { whenTrue: closed(one, results), whenFalse: closed(two, others) };
    return { ins: [predicate, ...taken, ...other], attrs };
  };

/** Operators that stand for programs; `fill` makes their bodies. */
export function programMakers(fill: Fill): Makers {
  return {
    call: calls(fill),
    scan: scans(fill),
    whileLoop: whileLoops(fill),
    cond: conditionals(fill),
    customFunction: (sketch) => {
      const x = sketch.array();
      return { ins: [x, sketch.like(x.type)], attrs: { key: hostKey, name: "Doubled", inputs: 1 } };
    },
    customFunctionBackward: (sketch) => {
      const { dtype, shape } = sketch.array().type;
      const attrs = { key: hostKey, name: "Doubled", shapes: [shape], dtypes: [dtype] };
      return { ins: [sketch.like({ dtype, shape })], attrs };
    },
  };
}
