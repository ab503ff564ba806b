import { readFileSync } from "node:fs";
import { AdjointError } from "@adjoint/graph";
import { autograd, nd } from "../src/index.js";

/** Values that the types would not let through. */
export const three = JSON.parse("3");
export const word = JSON.parse('"foo"');
export const nothing = JSON.parse("null");
export const missing = JSON.parse("{}").x;
export const list = JSON.parse("[1, 2]");
export const options = (text: string) => JSON.parse(text);

export const endless = JSON.parse("[]");
endless.push(endless);

export const a = nd.array([
  [1, 2, 3],
  [4, 5, 6],
]);
export const b = nd.array([
  [1, 2],
  [3, 4],
]);
export const v = nd.array([1, 2, 3]);
export const n = nd.array([1, 2, 3], { dtype: "int32" });
export const d = nd.array([1, 2, 3], { dtype: "float64" });
export const cube = nd.zeros([2, 3, 4]);
export const x = nd.array([1, 2, 3]).attachGrad();
export const y = autograd.record(() => x.mul(x));
export const used = autograd.record(() => x.mul(x));
used.backward();
export const silent = nd.ones(3).attachGrad("null");
const all = { a, b, v, n, d, cube, x, y, used };

export class Twice extends autograd.Function {
  forward(one: typeof a): typeof a {
    return one.mul(2);
  }
  backward(head: typeof a): typeof a {
    return head.mul(2);
  }
}
export const called = new Twice();
called.call(v);

/** A refused call, the class of its error, and words that its message holds. */
export type Row = readonly [
  title: string,
  call: () => unknown,
  error: typeof AdjointError,
  fragments: readonly string[],
];
function thrownBy(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  return undefined;
}

function snapshot(): unknown {
  return Object.entries(all).map(([name, array]) => [
    name,
    array.type,
    array.toFlat(),
    array.grad?.toFlat(),
  ]);
}

/**
 * Tests the rows of a file: each is refused with its error, which names the file's own line of the row, and has
 * changed nothing.
 */
export function testBadInput(fileUrl: string, rows: readonly Row[]): void {
  const source = readFileSync(new URL(fileUrl), "utf8").split("\n");
  // First line of each row, and of what follows the last one.
  const starts = rows.map(([title]) => source.findIndex((line) => line.includes(`"${title}"`)) + 1);
  const here = new RegExp(`${fileUrl.split("/").pop()}:(\\d+)$`);

  test("each title is there once, so that lines can be told", () => {
    expect(new Set(rows.map(([title]) => title)).size).toBe(rows.length);
  });

  test.each(rows.map((row, position) => [row[0], row, position] as const))(
    "%s",
    (_, [, call, expected, fragments], position) => {
      const before = snapshot();
      const error = thrownBy(call);
      expect(error).toBeInstanceOf(AdjointError);
      if (!(error instanceof AdjointError)) return;
      expect(error.name).toBe(expected.name);
      for (const fragment of fragments) expect(error.message).toContain(fragment);
      const line = Number(here.exec(error.message)?.[1]);
      expect(line).toBeGreaterThanOrEqual(starts[position] ?? Number.POSITIVE_INFINITY);
      expect(line).toBeLessThan(starts[position + 1] ?? source.length);
      expect(snapshot()).toEqual(before);
      expect([autograd.isRecording(), autograd.isTraining()]).toEqual([false, false]);
    },
  );
}
