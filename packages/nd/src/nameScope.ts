import { ArgumentError } from "@adjoint/graph";
import { describe } from "@adjoint/ops";
import { session } from "./session.js";

/**
 * Runs `body`; the operations in it belong to the block `name` in dumps and graphs. Names of nested scopes are joined
 * by "/".
 *
 * @throws ArgumentError for an empty name, or one with a "/"
 * @param name not empty, without "/"
 * @param body what is run
 * @returns what `body` gives
 * @example
 * ```ts
 * const [x, w] = [nd.ones([5, 7]).attachGrad(), nd.ones([7, 3])];
 * const y = autograd.record(() => nd.nameScope("mlp", () => nd.nameScope("dense1", () => x.dot(w))));
 * const { nodes } = autograd.graphOf(y).forward;
 * new Set(Object.values(nodes).map(({ scope }) => scope)).has("mlp/dense1"); // true
 * ```
 */
export function nameScope<R>(name: string, body: () => R): R {
  if (typeof name !== "string" || name === "" || name.includes("/")) {
    throw new ArgumentError({
      op: "nameScope",
      problem: "name is not valid",
      received: typeof name === "string" ? `"${name}"` : describe(name),
      allowed: 'a text that is not empty, without "/"',
    });
  }
  if (typeof body !== "function") {
    throw new ArgumentError({
      op: "nameScope",
      problem: "body is not a function",
      received: describe(body),
      allowed: "a function",
    });
  }
  const { recorder } = session;
  const outer = recorder.scope;
  recorder.scope = outer === undefined ? name : `${outer}/${name}`;
  try {
    return body();
  } finally {
    recorder.scope = outer;
  }
}
