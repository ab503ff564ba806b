import { jest } from "@jest/globals";
import fc from "fast-check";
import { autograd, compile, type NDArray, nd } from "../../src/index.js";
import { session } from "../../src/session.js";
import { contentsOf, expectSameAsPlain, gradOf, noise, runBy, type Setup } from "./support.js";

/** One line of a program on a few vectors of two elements. Numbers name vectors; the first is the argument. */
type Line =
  | { readonly kind: "combine"; readonly to: number; readonly from: number }
  | { readonly kind: "assign"; readonly to: number; readonly from: number }
  | { readonly kind: "element"; readonly to: number; readonly from: number }
  | { readonly kind: "draw"; readonly to: number }
  | { readonly kind: "train"; readonly on: number }
  | {
      readonly kind: "branch";
      readonly on: number;
      readonly yes: readonly Line[];
      readonly no: readonly Line[];
    };

/** How many vectors there are: the argument, two from outside, of which one is a variable, and one made within. */
const vectors = 4;
const place = fc.nat(vectors - 1);
/** The variable is written by training only. */
const target = fc.constantFrom(0, 2, 3);

const simple: fc.Arbitrary<Line> = fc.oneof(
  fc.record({ kind: fc.constant<"combine">("combine"), to: target, from: place }),
  fc.record({ kind: fc.constant<"assign">("assign"), to: target, from: place }),
  fc.record({ kind: fc.constant<"element">("element"), to: target, from: place }),
  fc.record({ kind: fc.constant<"draw">("draw"), to: target }),
  fc.record({ kind: fc.constant<"train">("train"), on: place }),
);
const line: fc.Arbitrary<Line> = fc.oneof(
  { weight: 4, arbitrary: simple },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant<"branch">("branch"),
      on: place,
      yes: fc.array(simple, { maxLength: 3 }),
      no: fc.array(simple, { maxLength: 3 }),
    }),
  },
);

function run(lines: readonly Line[], all: readonly NDArray[]): void {
  for (const one of lines) runLine(one, all);
}

function runLine(one: Line, all: readonly NDArray[]): void {
  const [, variable] = all;
  const at = (position: number): NDArray => {
    const array = all[position];
    if (array === undefined) throw new Error(`no vector ${position}`);
    return array;
  };
  switch (one.kind) {
    case "combine":
      at(one.to).assign(at(one.to).mul(0.5).sub(at(one.from).tanh()));
      return;
    case "assign":
      at(one.to).assign(at(one.from));
      return;
    case "element":
      at(one.to)
        .at([0, 1])
        .addAssign(at(one.from).reshape([2]).at([1, 2]));
      return;
    case "draw":
      at(one.to).addAssign(nd.random.normal({ shape: [2] }));
      return;
    case "train":
      if (variable === undefined) throw new Error("no variable");
      autograd.record(() => variable.mul(at(one.on)).square().sum()).backward();
      variable.subAssign(gradOf(variable).mul(0.1));
      return;
    case "branch":
      run(at(one.on).sum().greater(0).asBoolean() ? one.yes : one.no, all);
      return;
    default:
      one satisfies never;
  }
}

/** A function of a vector, and what it finds outside. */
function setupOf(lines: readonly Line[]): Setup<[NDArray]> {
  const variable = noise([2], 3).attachGrad();
  const other = noise([2], 4);
  const fn = (x: NDArray) => {
    const made = nd.zeros([2]);
    run(lines, [x, variable, other, made]);
    return [made, other.sum(), x.mul(1)];
  };
  return { fn, state: [variable, other] };
}

test("random programs with writes, views, branches, training and random numbers agree with plain ones", () => {
  fc.assert(
    fc.property(
      fc.array(line, { minLength: 1, maxLength: 8 }),
      fc.array(fc.nat(5), { minLength: 3, maxLength: 6 }),
      (lines, seeds) => {
        const step = expectSameAsPlain(
          () => setupOf(lines),
          seeds.map((seed) => (): [NDArray] => [noise([2], seed + 1)]),
        );
        expect(step.counts().calls).toBe(seeds.length);
      },
    ),
    { numRuns: 40 },
  );
});

afterEach(() => {
  jest.restoreAllMocks();
  runBy("interpreted");
});

/** What calls give and leave outside, by generated code: `joined` into one function, or a stretch at a time. */
function contentsByCode(lines: readonly Line[], seeds: readonly number[], joined: boolean) {
  jest.restoreAllMocks();
  runBy("compiled");
  if (!joined) jest.spyOn(session, "runsBeforeTree").mockReturnValue(Number.POSITIVE_INFINITY);
  const made = jest.spyOn(session, "planTree");
  const { fn, state } = setupOf(lines);
  const compiled = compile(fn);
  const kept: unknown[] = [];
  const found = seeds.map((seed) => {
    const x = noise([2], seed + 1);
    const result = compiled(x);
    kept.push(result);
    return [result, x, state].map(contentsOf);
  });
  const trees = made.mock.results.filter(({ value }) => value !== undefined).length;
  // Results are their owners' for good.
  return { contents: { found, kept: kept.map(contentsOf) }, counts: compiled.counts(), trees };
}

test("joined paths give the same bits as single stretches", () => {
  const branching = fc
    .array(line, { minLength: 2, maxLength: 8 })
    .filter((lines) => JSON.stringify(lines).includes('"branch"'))
    // The state of random numbers is too large to be joined.
    .filter((lines) => !JSON.stringify(lines).includes('"draw"'));
  let trees = 0;
  fc.assert(
    fc.property(branching, fc.array(fc.nat(5), { minLength: 3, maxLength: 6 }), (lines, seeds) => {
      const calls = [...seeds, ...seeds, ...seeds];
      const single = contentsByCode(lines, calls, false);
      const joined = contentsByCode(lines, calls, true);
      expect(joined.contents).toEqual(single.contents);
      const plans = single.counts.plans + joined.trees;
      expect(joined.counts).toEqual({ ...single.counts, plans });
      expect(single.trees).toBe(0);
      trees += joined.trees;
    }),
    { numRuns: 40 },
  );
  expect(trees).toBeGreaterThan(20);
});
