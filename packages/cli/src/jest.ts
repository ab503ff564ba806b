import { basename, dirname, join } from "./host.js";
import {
  compareWithFile,
  differenceBetween,
  type Kept,
  type UpdateMode,
} from "./matcher/keptGraph.js";

/** What Jest and Vitest tell a matcher, as far as it is needed. */
export interface MatcherContext {
  readonly isNot?: boolean;
  readonly testPath?: string | undefined;
  readonly currentTestName?: string | undefined;
  readonly snapshotState?: unknown;
}

/** What a matcher answers. */
export interface MatcherResult {
  readonly pass: boolean;
  readonly message: () => string;
}

/** How often each test has asked so far, so that several graphs of one test have files of their own. */
const asked = new WeakMap<object, Map<string, number>>();

/** For test runners that give no state of snapshots. */
const nobody = {};

function timesAsked({ snapshotState, testPath, currentTestName }: MatcherContext): number {
  const isObject = typeof snapshotState === "object" && snapshotState !== null;
  const owner = isObject ? snapshotState : nobody;
  const counts = asked.get(owner) ?? new Map<string, number>();
  asked.set(owner, counts);
  const key = `${testPath}\n${currentTestName}`;
  const times = (counts.get(key) ?? 0) + 1;
  counts.set(key, times);
  return times;
}

/** `--ci` forbids writing, `-u` writes anew; else what is missing is written. */
function updateMode({ snapshotState }: MatcherContext): UpdateMode {
  if (typeof snapshotState !== "object" || snapshotState === null) return "new";
  const mode = "_updateSnapshot" in snapshotState ? snapshotState._updateSnapshot : undefined;
  return mode === "all" || mode === "none" ? mode : "new";
}

/** `__graphs__/model.test.ts/loss of a batch.txt`, beside the test. */
function keptPath(context: MatcherContext): string {
  const { testPath, currentTestName } = context;
  if (testPath === undefined || currentTestName === undefined) {
    throw new Error("toMatchGraph: a kept graph belongs to a test; call it within one");
  }
  const times = timesAsked(context);
  const name = currentTestName.replace(/[^\p{L}\p{N} .,=+-]/gu, "_").slice(0, 150);
  const number = times === 1 ? "" : ` ${times}`;
  return join(dirname(testPath), "__graphs__", basename(testPath), `${name}${number}.txt`);
}

function isGraph(value: unknown): boolean {
  return typeof value === "object" && value !== null && "nodes" in value && "outputs" in value;
}

function isKept(value: unknown): value is Kept {
  if (isGraph(value)) return true;
  if (typeof value !== "object" || value === null) return false;
  if (!("forward" in value) || !("backward" in value)) return false;
  return isGraph(value.forward) && isGraph(value.backward);
}

function failed(message: string): MatcherResult {
  return { pass: false, message: () => message };
}

/** The comparison with the file of this test. */
function matchFile(context: MatcherContext, received: Kept): MatcherResult {
  if (context.isNot) {
    throw new Error("toMatchGraph: .not needs a graph to differ from; a kept one has to match");
  }
  const path = keptPath(context);
  const comparison = compareWithFile(path, received, updateMode(context));
  switch (comparison.kind) {
    case "same":
    case "written":
      return { pass: true, message: () => `graph matches ${path}` };
    case "missing":
      return failed(`no kept graph ${path}, and --ci writes none`);
    case "different":
      return failed(
        `graph differs from ${path}; run with -u if it should\n\n${comparison.difference}`,
      );
    default:
      return comparison satisfies never;
  }
}

/**
 * A matcher for Jest and Vitest: `expect.extend({ toMatchGraph })`. A graph, or a program and its gradient as
 * `autograd.graphOf` gives them, is compared by operators, operands, attributes, types, scopes and names; lines of the
 * source, origins and ids don't count. What differs is shown row by row.
 *
 * - `expect(graph).toMatchGraph()`: with the text kept for this test in `__graphs__` beside the test file. It is written
 *   where it is missing, and anew with `-u`; `--ci` writes nothing.
 * - `expect(graph).toMatchGraph(other)`: with another graph, or the text of one.
 *
 * @example
 * ```ts
 * import { toMatchGraph } from "adjoint/jest";
 *
 * expect.extend({ toMatchGraph });
 *
 * test("loss", () => {
 *   const y = autograd.record(() => loss(x));
 *   expect(autograd.graphOf(y)).toMatchGraph();
 * });
 * ```
 */
export function toMatchGraph(
  this: MatcherContext,
  received: unknown,
  expected?: Kept | string,
): MatcherResult {
  if (!isKept(received)) {
    throw new Error("toMatchGraph: expected a graph, or a program and its gradient");
  }
  if (expected === undefined) return matchFile(this, received);
  const difference = differenceBetween(expected, received);
  if (difference !== undefined) return failed(`graphs differ\n\n${difference}`);
  return { pass: true, message: () => "graphs are the same, but should differ" };
}

/** How `toMatchGraph` is called. */
export interface GraphMatchers<R> {
  /** See `toMatchGraph` of `adjoint/jest`. */
  toMatchGraph(expected?: Kept | string): R;
}

declare global {
  // Merged by the types of Jest, which know matchers by this name only.
  namespace jest {
    interface Matchers<R> extends GraphMatchers<R> {}
  }
}
