import { binaryFunctions, unaryFunctions } from "@adjoint/graph";
import { binaryLoops, unaryLoops } from "../../src/kernels/scalarTables.js";
import { ModuleBuilder } from "../../src/wasm/assembler/index.js";
import { OutOfLine } from "../../src/wasm/math/outOfLine.js";
import { type LaneType, mathRunner } from "./mathRunner.js";

const predicates: ReadonlySet<string> = new Set(
  "not isNaN eq ne lt le gt ge and or xor".split(" "),
);

const ends = [0, 1, 2, 0.5, 1.5, 2.5, 3, 4, 5, 10, 170, Infinity].flatMap((x) => [x, -x]);
const specials: { readonly [T in "f32x4" | "f64x2"]: readonly number[] } = {
  f32x4: [
    ...[...ends, 2 ** -149, 2 ** -126, 2 ** 23 + 1, 2 ** 24, (2 - 2 ** -23) * 2 ** 127, -1e30],
    NaN,
  ].map(Math.fround),
  f64x2: [...ends, 2 ** -1074, 2 ** -1022, 2 ** 52 + 1, 2 ** 53, Number.MAX_VALUE, -1e300, NaN],
};

/** What a result must be, up to rounding: zeros with their signs, infinities and NaN exactly. */
function agrees(got: number, wanted: number, type: LaneType, doubt = 1e-13): boolean {
  const reference = type === "f32x4" ? Math.fround(wanted) : wanted;
  if (reference === 0 || !Number.isFinite(reference)) return Object.is(got, reference);
  const tolerance = type === "f32x4" ? 2 ** -22 : doubt;
  const smallest = type === "f32x4" ? 2 ** -149 : 2 ** -1074;
  return Math.abs(got - reference) <= Math.max(tolerance * Math.abs(reference), smallest);
}

/** Masks as 0 and 1: all ones are NaN as a number. */
function numbersOf(fn: string, got: Float32Array | Float64Array | Int32Array): readonly number[] {
  const isMask = predicates.has(fn);
  return Array.from(got, (one) => (isMask ? Number(Number.isNaN(one)) : one));
}

describe.each(["f32x4", "f64x2"] as const)("%s at zeros, ends and infinities", (type) => {
  const runner = mathRunner(type, false);
  const x = specials[type];

  test.each(unaryFunctions)("%s is what the interpreter gives", (fn) => {
    const got = numbersOf(fn, runner.unary(fn, x));
    const wanted = new Float64Array(x.length);
    unaryLoops[fn](Float64Array.from(x), wanted, x.length);
    const wrong = x.flatMap((one, i) =>
      agrees(got[i] ?? 0, wanted[i] ?? 0, type) ? [] : [`${one}: ${got[i]}, not ${wanted[i]}`],
    );
    // round(-0) is -0 as in C; the interpreter gives 0.
    expect(wrong).toEqual(fn === "round" ? ["0: 0, not 0"] : []);
  });

  test.each(binaryFunctions)("%s is what the interpreter gives", (fn) => {
    // The interpreter sums as many terms as the order says.
    const first = fn === "polygamma" ? x.filter((one) => !(one > 5)) : x;
    const a = first.flatMap((one) => x.map(() => one));
    const b = first.flatMap(() => x);
    const got = numbersOf(fn, runner.binary(fn, a, b));
    const wanted = new Float64Array(a.length);
    binaryLoops[fn](Float64Array.from(a), Float64Array.from(b), wanted, a.length);
    // Between its poles the interpreter's terms cancel.
    const doubt = fn === "polygamma" ? 1e-12 : 1e-13;
    const wrong = a.flatMap((one, i) =>
      agrees(got[i] ?? 0, wanted[i] ?? 0, type, doubt)
        ? []
        : [`${one}, ${b[i]}: ${got[i]}, not ${wanted[i]}`],
    );
    expect(wrong).toEqual([]);
  });

  test("no lane depends on its neighbours", () => {
    // Ordinary, huge, negative and undefined arguments side by side, in two orders.
    const mixed = x.flatMap((one, i) => [one, ((i * 7) % 50) - 25 + 0.3125, 1e6 * one]);
    const turned = mixed.map((_, i) => mixed[(i + 1) % mixed.length] ?? 0);
    for (const fn of unaryFunctions) {
      const [first, second] = [runner.unary(fn, mixed), runner.unary(fn, turned)];
      const moved = second.map((_, i) => second[(i || mixed.length) - 1] ?? 0);
      expect([fn, ...first]).toEqual([fn, ...moved]);
    }
    for (const fn of binaryFunctions) {
      if (fn === "polygamma") continue;
      const other = [...mixed].reverse();
      const turnedOther = other.map((_, i) => other[(i + 1) % other.length] ?? 0);
      const first = runner.binary(fn, mixed, other);
      const second = runner.binary(fn, turned, turnedOther);
      const moved = second.map((_, i) => second[(i || mixed.length) - 1] ?? 0);
      expect([fn, ...first]).toEqual([fn, ...moved]);
    }
  });

  test("NaN of any bits gives NaN", () => {
    const bits = type === "f32x4" ? new Uint32Array(4) : new BigUint64Array(2);
    if (bits instanceof Uint32Array) bits.set([0x7fc00001, 0xffc12345, 0x7fffffff, 0x7fa00003]);
    else bits.set([0x7ff8000000000001n, 0xffffffffffffffffn]);
    const array = type === "f32x4" ? Float32Array : Float64Array;
    for (const fn of unaryFunctions) {
      const got = numbersOf(fn, runner.unary(fn, new array(bits.buffer)));
      const wanted = fn === "sign" || fn === "not" ? 0 : fn === "isNaN" ? 1 : NaN;
      expect([fn, ...got]).toEqual([fn, ...got.map(() => wanted)]);
    }
  });
});

describe("doubles that have exact results", () => {
  const runner = mathRunner("f64x2", false);
  const whole = Array.from({ length: 22 }, (_, k) => k + 1);

  test("powers, roots and logarithms of whole numbers", () => {
    const tens = whole.map((k) => 10 ** k);
    expect([...runner.unary("log10", tens)]).toEqual(whole);
    expect([
      ...runner.binary(
        "pow",
        whole.map(() => 10),
        whole,
      ),
    ]).toEqual(tens);
    const twos = whole.map((k) => 2 ** (48 * k - 500));
    expect([...runner.unary("log2", twos)]).toEqual(whole.map((k) => 48 * k - 500));
    expect([
      ...runner.unary(
        "cbrt",
        whole.map((k) => -(k ** 3)),
      ),
    ]).toEqual(whole.map((k) => -k));
    expect([...runner.binary("hypot", [3, 6], [4, 8])]).toEqual([5, 10]);
  });

  test("factorials up to 21!", () => {
    let factorial = 1;
    const wanted = whole.map((k) => {
      factorial *= Math.max(1, k - 1);
      return factorial;
    });
    expect([...runner.unary("gamma", whole)]).toEqual(wanted);
  });

  test("remainders of quotients that no double holds", () => {
    const a = [1e300, -1e300, 2 ** 1023, 5e-324, 1e22, 2 ** 53 + 2];
    const b = [3, 7, 3e-310, 1e-323, -1e-5, 3];
    const wanted = a.map((one, i) => {
      const divisor = b[i] ?? 1;
      const rest = one % divisor;
      return rest !== 0 && rest < 0 !== divisor < 0 ? rest + divisor : rest;
    });
    expect([...runner.binary("mod", a, b)]).toEqual(wanted);
  });
});

test("a module has one helper for each name", () => {
  const outOfLine = new OutOfLine(new ModuleBuilder({ initial: 1, maximum: 1, shared: false }));
  const type = { params: [], results: [] } as const;
  let written = 0;
  const first = outOfLine.function("f", type, () => written++);
  const second = outOfLine.function("f", type, () => written++);
  expect(second).toBe(first);
  expect(written).toBe(1);
});
