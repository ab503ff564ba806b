import { Runtime, type RuntimeMode } from "@adjoint/runtime";
import { type Compiled, compile, NDArray, nd } from "../../src/index.js";
import { session } from "../../src/session.js";

/** From now on, programs run in this way; bits are compared where all of them are interpreted. */
export function runBy(mode: RuntimeMode): void {
  Object.assign(session, { runtime: new Runtime({ mode }) });
}

runBy("interpreted");

/** A function with the arrays that it finds outside. */
export interface Setup<A extends readonly unknown[]> {
  readonly fn: (...args: A) => unknown;
  readonly state: readonly NDArray[];
}

/** What arrays and results hold, bit for bit. */
export function contentsOf(value: unknown): unknown {
  if (value instanceof NDArray) {
    const gradient = value.grad === null ? null : contentsOf(value.grad);
    return { shape: value.shape, dtype: value.dtype, data: value.asArray(), gradient };
  }
  if (Array.isArray(value)) return value.map(contentsOf);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, contentsOf(one)]));
}

/**
 * Calls a function and its compiled twin, each on arrays of its own, and compares results and all arrays bit for bit
 * after each call.
 *
 * @returns the compiled twin
 */
export function expectSameAsPlain<A extends readonly unknown[]>(
  make: () => Setup<A>,
  calls: readonly (() => NoInfer<A>)[],
): Compiled<A, unknown> {
  nd.random.seed(7);
  const plain = make();
  const expected = calls.map((args) => {
    const given = args();
    const result = contentsOf(plain.fn(...given));
    return { result, given: contentsOf(given), state: contentsOf(plain.state) };
  });
  nd.random.seed(7);
  const twin = make();
  const compiled = compile(twin.fn);
  const found = calls.map((args) => {
    const given = args();
    const result = contentsOf(compiled(...given));
    return { result, given: contentsOf(given), state: contentsOf(twin.state) };
  });
  expect(found).toEqual(expected);
  return compiled;
}

export function gradOf(x: NDArray): NDArray {
  if (x.grad === null) throw new Error("no gradient attached");
  return x.grad;
}

/** Numbers between -1 and 1 that look random, the same at each call. */
export function noise(shape: readonly number[], seed = 1): NDArray {
  const size = shape.reduce((product, length) => product * length, 1);
  const values = Array.from({ length: size }, (_, at) => Math.sin((at + 1) * 12.9898 * seed));
  return nd.array(values).reshape(shape);
}
