import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Attrs, OpDef } from "@adjoint/graph";
import { autograd, NDArray, nd } from "@adjoint/nd";
import ts from "typescript";

/** An operator applied while an example ran. */
export interface Emitted {
  readonly op: OpDef;
  readonly ins: readonly NDArray[];
  readonly attrs: Attrs;
}

/** A line of an example that shows a value. */
export interface ShownValue {
  readonly code: string;
  /** What the comment behind it says. */
  readonly expected: string;
  readonly received: string;
}

export interface ExampleRun {
  readonly values: readonly ShownValue[];
  /** Arguments of each call of the function itself. */
  readonly calls: readonly (readonly unknown[])[];
  /** The operators that calls of the function itself came to. */
  readonly emitted: readonly Emitted[];
  /** The error that it ended with; undefined as it should be. */
  readonly failure: string | undefined;
}

interface Line {
  readonly code: string;
  readonly comment: string;
  readonly isValue: boolean;
}

/** An example's statements, each with the comment on the same line or on lines of its own behind it. */
export function linesOf(example: string): readonly Line[] {
  const source = ts.createSourceFile("example.ts", example, ts.ScriptTarget.ES2022, true);
  return source.statements.map((statement, at) => {
    const next = source.statements[at + 1]?.getStart() ?? example.length;
    const comment = example.slice(statement.end, next).replace(/^\s*\/\/ ?/gm, "");
    return {
      code: statement.getText(),
      comment: comment.replace(/\s*\n\s*/g, " ").trim(),
      isValue: ts.isExpressionStatement(statement),
    };
  });
}

/**
 * Runs the example of the function `name` from the initial random state, and reads every value with a comment. Files
 * that it writes are gone afterwards.
 */
export function runExample(name: string, example: string): ExampleRun {
  const [home, folder] = [process.cwd(), mkdtempSync(join(tmpdir(), "example-"))];
  process.chdir(folder);
  try {
    return runLines(name, example);
  } finally {
    process.chdir(home);
    rmSync(folder, { recursive: true });
  }
}

function runLines(name: string, example: string): ExampleRun {
  const lines = linesOf(example);
  const body = lines.map(({ code, comment, isValue }) =>
    isValue && comment !== "" ? `show(${code.replace(/;$/, "")});` : code,
  );
  const js = ts.transpile(body.join("\n"), { target: ts.ScriptTarget.ES2022 });
  const seen: Seen = { calls: [], emitted: [] };
  const shown: string[] = [];
  // At once, as a value is computed when it is read, and may be written to later.
  const show = (value: unknown) => shown.push(valueText(value));
  nd.random.seed(0);
  let failure: string | undefined;
  try {
    new Function("nd", "autograd", "show", js)(watched(name, seen), autograd, show);
  } catch (error) {
    failure = String(error);
  }
  const values = lines.filter(({ comment }) => comment !== "");
  return {
    ...seen,
    failure,
    values: values.map(({ code, comment }, at) => ({
      code,
      expected: comment,
      received: shown[at] ?? failure ?? "",
    })),
  };
}

/** Arrays as numpy prints them, on one line; lists of arrays one after the other; anything else as JSON. */
export function valueText(value: unknown): string {
  if (value instanceof NDArray) {
    const [, ...rows] = value.toString().split("\n");
    return rows
      .slice(0, -1)
      .join("\n")
      .replace(/\n+\s*/g, " ");
  }
  if (Array.isArray(value) && value.some((one) => one instanceof NDArray)) {
    return value.map(valueText).join(", ");
  }
  if (isRecord(value)) {
    const entries = Object.entries(value).map(([name, one]) => `${name}: ${valueText(one)}`);
    return `{ ${entries.join(", ")} }`;
  }
  return (JSON.stringify(value) ?? String(value)).replaceAll(",", ", ");
}

/** What is noted of calls while an example runs. */
interface Seen {
  readonly calls: (readonly unknown[])[];
  readonly emitted: Emitted[];
}

/** Whether a value is an object with arrays by name. */
function isRecord(value: unknown): value is object {
  const isObject = typeof value === "object" && value !== null;
  return isObject && Object.values(value).some((one) => one instanceof NDArray);
}

/** `nd` in which calls of one function note their arguments, and the operators that they apply. */
function watched(path: string, seen: Seen): object {
  const [first = "", second] = path.split(".");
  if (first === "autograd") return nd;
  if (second === undefined) return { ...nd, [first]: watchedFunction(memberOf(nd, first), seen) };
  const group = memberOf(nd, first);
  const fn = watchedFunction(memberOf(group, second), seen);
  return { ...nd, [first]: { ...Object(group), [second]: fn } };
}

function memberOf(object: unknown, name: string): unknown {
  return Reflect.get(Object(object), name);
}

function watchedFunction(fn: unknown, { calls, emitted }: Seen): (...args: unknown[]) => unknown {
  if (typeof fn !== "function")
    throw new Error("operatorDocs: example of something that is no function");
  const host = nd.zeros(1).emitter;
  return (...args) => {
    calls.push(args);
    const { emit, emitOne } = host;
    host.emit = (op, ins, attrs) => {
      emitted.push({ op, ins, attrs });
      return emit.call(host, op, ins, attrs);
    };
    if (emitOne !== undefined) {
      host.emitOne = (op, attrs, a, b) => {
        emitted.push({ op, ins: [a, b].flatMap((one) => one ?? []), attrs });
        return emitOne.call(host, op, attrs, a, b);
      };
    }
    try {
      return Reflect.apply(fn, undefined, args);
    } finally {
      host.emit = emit;
      if (emitOne !== undefined) host.emitOne = emitOne;
    }
  };
}
