import fc from "fast-check";
import { autograd, compile, type NDArray, nd } from "../src/index.js";
import { session } from "../src/session.js";
import { gradOf, runBy } from "./compile/support.js";

beforeEach(() => runBy("compiled"));
afterEach(() => runBy("interpreted"));

/** Large enough for its memory to be given back by itself. */
const side = 128;
const bytes = side * side * 4;

function noise(seed: number): NDArray {
  const numbers = Float32Array.from({ length: side * side }, (_, at) =>
    Math.sin(seed * 7 + at * 0.37),
  );
  return nd.array(numbers).reshape([side, side]);
}

/** A training step; `update` writes to the variable. */
function train(x: NDArray, w: NDArray, update: (w: NDArray) => void): readonly NDArray[] {
  const unread = autograd.record(() => {
    const product = nd.dot(x, w);
    const active = product.add(1).tanh();
    const tripled = w.mul(3);
    return [tripled, product, active, active.add(tripled.mean()).square().mean()];
  });
  unread.at(-1)?.backward();
  update(w);
  return unread;
}

const updates: Readonly<Record<string, (w: NDArray) => void>> = {
  sgdUpdate: (w) => void nd.sgdUpdate(w, gradOf(w), { lr: 0.5, out: w }),
  "w - lr grad": (w) => void w.subAssign(gradOf(w).mul(0.5)),
};

describe("numbers that runs have taken in", () => {
  test("what updates of variables replace is given back at once", () => {
    const [x, w] = [noise(1).at([0, 4]), noise(2).attachGrad()];
    const step = () => {
      autograd.record(() => nd.dot(x, w).add(1).tanh().square().mean()).backward();
      nd.sgdUpdate(w, gradOf(w), { lr: 0.5, out: w });
    };
    const resident = () => session.runtime.heapStatistics?.residentBytes ?? 0;
    for (let time = 0; time < 5; time++) step();
    const before = resident();
    for (let time = 0; time < 100; time++) step();
    // The product of each step stays, as the sum behind it may be read; no variable and no gradient does.
    expect(resident() - before).toBeLessThan(100 * (bytes / 16));
  });

  test.each(Object.entries(updates))("unread arrays have theirs after many %s", (_, update) => {
    const [x, w, twin] = [noise(1), noise(2).attachGrad(), noise(2).attachGrad()];
    const expected: number[][] = [];
    const kept: NDArray[] = [];
    for (let step = 0; step < 12; step++) {
      for (const array of train(x, twin, update)) expected.push(array.toFlat());
      kept.push(...train(x, w, update));
    }
    expectClose(kept, expected);
    expectClose([w], [twin.toFlat()]);
  });

  test("a compiled function does not write over what an unread array needs", () => {
    const [x, w] = [noise(1), noise(2).attachGrad()];
    const double = compile(() => void w.mulAssign(2));
    for (let step = 0; step < 4; step++) {
      const expected = w.mul(3).toFlat();
      const [tripled] = train(x, w, () => undefined);
      for (let call = 0; call < 3; call++) double();
      if (tripled !== undefined) expectClose([tripled], [expected]);
      w.assign(noise(step));
    }
  });

  test("whether numbers are read at once or in the end makes no difference", () => {
    fc.assert(
      fc.property(fc.array(command, { minLength: 3, maxLength: 14 }), (commands) => {
        const late = perform(commands, false);
        const early = perform(commands, true);
        expectClose(
          late,
          early.map((array) => array.toFlat()),
        );
      }),
      { numRuns: 10 },
    );
  });
});

function fail(): never {
  throw new Error("no such update");
}

function expectClose(arrays: readonly NDArray[], expected: readonly (readonly number[])[]): void {
  const worst = arrays.map((array, at) => {
    const numbers = expected[at] ?? [];
    return Math.max(
      ...array.toFlat().map((value, one) => {
        const other = numbers[one] ?? Number.NaN;
        return Math.abs(value - other) / (1 + Math.abs(other));
      }),
    );
  });
  expect(Math.max(...worst)).toBeLessThan(1e-4);
}

type Command =
  | { readonly kind: "train"; readonly on: number; readonly by: string }
  | { readonly kind: "keep" | "read" | "view" | "scale" | "copy"; readonly on: number };

const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({
    kind: fc.constant("train" as const),
    on: fc.nat(1),
    by: fc.constantFrom(...Object.keys(updates)),
  }),
  fc.record({
    kind: fc.constantFrom(...(["keep", "read", "view", "scale", "copy"] as const)),
    on: fc.nat(1),
  }),
);

/** What arrays hold in the end, those that were kept included; `early`: everything is read after each command. */
function perform(commands: readonly Command[], early: boolean): readonly NDArray[] {
  const x = noise(9);
  const variables = [noise(1).attachGrad(), noise(2).attachGrad()];
  const kept: NDArray[] = [];
  for (const one of commands) {
    const [w, other] = one.on === 0 ? variables : [...variables].reverse();
    if (w === undefined || other === undefined) throw new Error("no variable");
    switch (one.kind) {
      case "train":
        kept.push(...train(x, w, updates[one.by] ?? fail));
        break;
      case "keep":
        kept.push(w.mul(0.5).add(other));
        break;
      case "read":
        kept.at(-1)?.asArray();
        break;
      case "view":
        w.at([0, 2]).assign(other.at([1, 3]));
        break;
      case "scale":
        w.mulAssign(0.75).addAssign(other.mul(0.25));
        break;
      case "copy":
        w.assign(other);
        break;
      default:
        one satisfies never;
    }
    if (early) for (const array of [...variables, ...kept]) array.asArray();
  }
  return [...variables, ...kept];
}
