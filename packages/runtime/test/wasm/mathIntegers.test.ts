import { binaryFunctions, unaryFunctions } from "@adjoint/graph";
import { binaryLoops, integerLoops, unaryLoops } from "../../src/kernels/scalarTables.js";
import { mathRunner } from "./mathRunner.js";

const predicates: ReadonlySet<string> = new Set(
  "not isNaN eq ne lt le gt ge and or xor".split(" "),
);

const x = [0, 1, 2, 3, 4, 5, 7, 8, 20, 21, 27, 1000, 46341, 65536, 2 ** 31 - 1]
  .flatMap((one) => (one === 0 ? [0] : [one, -one]))
  .concat([-(2 ** 31), 12345678]);

/**
 * A double near a whole number may be cut off on either side of it; of one beyond 2^53 the low bits
 * are not known.
 */
function agrees(got: number, wanted: number): boolean {
  if (got === (wanted | 0)) return true;
  const nearest = Math.round(wanted);
  const isNear = Math.abs(wanted - nearest) <= 1e-12 * Math.abs(wanted);
  const isKnown = Math.abs(wanted) < 2 ** 53;
  return Number.isFinite(wanted) && isNear && (!isKnown || Math.abs(got - nearest) <= 1);
}

describe("32-bit integers", () => {
  const runner = mathRunner("i32x4", false);

  function numbersOf(fn: string, got: ArrayLike<number>): readonly number[] {
    // Masks are -1 and 0.
    return Array.from(got, (one) => (predicates.has(fn) ? -one : one));
  }

  test.each(unaryFunctions)("%s is the interpreter's result modulo 2^32", (fn) => {
    const got = numbersOf(fn, runner.unary(fn, x));
    const wanted = new Float64Array(x.length);
    unaryLoops[fn](Float64Array.from(x), wanted, x.length);
    const wrong = x.flatMap((one, i) =>
      agrees(got[i] ?? 0, wanted[i] ?? 0) ? [] : [`${one}: ${got[i]}, not ${wanted[i]}`],
    );
    expect(wrong).toEqual([]);
  });

  test.each(binaryFunctions)("%s is the interpreter's result modulo 2^32", (fn) => {
    // The interpreter sums as many terms as the order says.
    const first = fn === "polygamma" ? x.filter((one) => one < 50) : x;
    const a = first.flatMap((one) => x.map(() => one));
    const b = first.flatMap(() => x);
    const got = numbersOf(fn, runner.binary(fn, a, b));
    const wanted = new Float64Array(a.length);
    const loop = fn === "mul" || fn === "div" ? integerLoops[fn] : binaryLoops[fn];
    loop(Float64Array.from(a), Float64Array.from(b), wanted, a.length);
    const wrong = a.flatMap((one, i) =>
      agrees(got[i] ?? 0, wanted[i] ?? 0) ? [] : [`${one}, ${b[i]}: ${got[i]}, not ${wanted[i]}`],
    );
    expect(wrong).toEqual([]);
  });
});
