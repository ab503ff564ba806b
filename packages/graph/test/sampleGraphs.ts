import { Builder, type Graph } from "@adjoint/graph";
import { add, literal, mul, neg, reshape, sortOp } from "./testOps.js";

/** Inputs of the sizes used in most examples. */
export const column = { dtype: "float32", shape: [4, 1] } as const;

/** Two scopes, literals, two outputs. */
export function sampleGraph(): Graph {
  const builder = new Builder("sample");
  const x = builder.input("x", column);
  const flat = builder.within({ scope: "mlp/dense1", site: "model.ts:3" }, () => reshape(x, [4]));
  const scaled = builder.within({ scope: "mlp/dense2", site: "model.ts:4" }, () =>
    mul(flat, literal(flat, 2)),
  );
  builder.output(
    "y",
    builder.within({ site: "model.ts:5" }, () => add(scaled, flat)),
  );
  builder.output("one", literal(x, 1));
  return builder.finish();
}

/** Several results, a small constant, a name that is no word. */
export function sortGraph(): Graph {
  const builder = new Builder("sort by");
  const weights = builder.constant(Float32Array.of(0.5, -0, Number.NaN), {
    dtype: "float32",
    shape: [3],
  });
  const key = builder.input("the key", { dtype: "float32", shape: [3] });
  const [values, positions] = builder.emit(sortOp, [add(key, weights)], { ascending: true });
  if (values === undefined || positions === undefined) throw new Error("sort: no results");
  builder.output("values", neg(values));
  builder.output("positions", positions);
  return builder.finish();
}

/** A program and its gradient, written by hand: y = (2x)·x. */
export function jointGraphs(): { forward: Graph; backward: Graph } {
  const forward = new Builder("square");
  const x = forward.input("x", column);
  const doubled = forward.within({ scope: "twice", site: "model.ts:1" }, () =>
    mul(x, literal(x, 2)),
  );
  const y = forward.within({ site: "model.ts:2" }, () => mul(doubled, x));
  forward.output("y", y);
  forward.output("saved.x", x);
  forward.output("saved.2", doubled);
  const backward = new Builder("square.backward");
  const head = backward.input("head.y", column, "head", { of: { node: y.id, out: 0 } });
  const savedX = backward.input("saved.x", column, "saved", { of: { node: x.id, out: 0 } });
  const saved2 = backward.input("saved.2", column, "saved", { of: { node: doubled.id, out: 0 } });
  const gradient = backward.within({ origin: y.id, site: "model.ts:2" }, () =>
    mul(head, add(saved2, mul(savedX, literal(head, 2)))),
  );
  backward.output("grad.x", gradient);
  return { forward: forward.finish(), backward: backward.finish() };
}

/** A chain of `length` negations. */
export function chain(length: number, step = neg): Graph {
  const builder = new Builder("chain");
  let value = builder.input("x", { dtype: "float32", shape: [] });
  for (let at = 0; at < length; at++) value = step(value);
  builder.output("y", value);
  return builder.finish();
}
