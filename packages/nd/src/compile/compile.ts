import { ArgumentError, AttributeError } from "@adjoint/graph";
import { describe, readOptions } from "@adjoint/ops";
import { session } from "../session.js";
import { CompiledFunction } from "./compiledFunction.js";
import type { CompiledPath } from "./compiledPath.js";
import type { CompileCounts, Explanation } from "./explanation.js";

/** A function that runs as plans. */
export interface Compiled<A extends readonly unknown[], R> {
  (...args: A): R;
  /** Why it was traced again, and what that took. */
  explain(): Explanation;
  /** What it has done so far. */
  counts(): CompileCounts;
  /** The ways through it that are known, as graphs. */
  graphs(): readonly CompiledPath[];
}

export interface CompileOptions {
  /** Named in graphs, warnings and errors; null for the function's own name. */
  name: string | null;
  /** Number of re-traces after which a warning is printed, once; Infinity for never. */
  warnAfter: number;
}

const defaults: CompileOptions = { name: null, warnAfter: 16 };

/**
 * The function as plans: its code runs once per kind of arguments and per path, and then no more. What
 * it does with arrays, `record`, `backward` and updates of parameters included, becomes one graph.
 *
 * Arrays from outside are inputs that are read at each call, so that later changes are seen; other
 * values from outside are frozen. Writes to arrays, gradients, running statistics and random numbers
 * take effect when a call is complete, and not at all when it throws. `asBoolean` forks the path.
 *
 * @param fn takes and gives arrays, numbers, texts, truth values, null, lists and plain objects of
 *   these; not asynchronous
 * @returns a function of the same arguments, with `explain`, `counts` and `graphs`
 * @throws ArgumentError for anything but a synchronous function; in a call, for other arguments or
 *   results, and for a function that calls itself without end
 * @example
 * ```ts
 * const w = nd.array([1, 2]).attachGrad();
 * const step = compile((x: NDArray) => {
 *   const loss = autograd.record(() => w.mul(x).sum());
 *   loss.backward();
 *   w.subAssign(w.grad.mul(0.5));
 *   return loss;
 * });
 * [step(nd.array([2, 4])), step(nd.array([2, 4])), w]; // [10.], [0.], [-1. -2.]
 * ```
 */
export function compile<A extends readonly unknown[], R>(
  fn: (...args: A) => R,
  options?: Partial<CompileOptions>,
): Compiled<A, R>;
export function compile(
  fn: (...args: readonly unknown[]) => unknown,
  options?: Partial<CompileOptions>,
): Compiled<readonly unknown[], unknown> {
  checkFunction(fn);
  const { name, warnAfter } = readOptions<CompileOptions>("compile", options, defaults);
  if (typeof warnAfter !== "number" || !(warnAfter >= 1)) {
    throw new AttributeError({
      op: "compile",
      problem: "warnAfter is not valid",
      received: describe(warnAfter),
      allowed: "a number of at least 1; Infinity for no warning",
    });
  }
  const label = name ?? (fn.name === "" ? "compiled" : fn.name);
  const compiled = new CompiledFunction(fn, session, { name: label, warnAfter });
  const call = (...args: readonly unknown[]): unknown => compiled.call(args);
  return Object.assign(call, {
    explain: () => compiled.explain(),
    counts: () => compiled.counts,
    graphs: () => compiled.paths,
  });
}

/** Kinds of functions that give something else than what they compute. */
const refused: readonly string[] = ["AsyncFunction", "GeneratorFunction", "AsyncGeneratorFunction"];

function checkFunction(fn: unknown): void {
  const kind = typeof fn === "function" ? fn.constructor.name : undefined;
  if (kind !== undefined && !refused.includes(kind)) return;
  throw new ArgumentError({
    op: "compile",
    problem: "fn is not a synchronous function",
    received: kind ?? describe(fn),
    allowed: "a function; await before or after it",
  });
}
