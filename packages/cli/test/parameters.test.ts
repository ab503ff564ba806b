import { parametersOf } from "../src/source/parameters.js";

/** `x`, `x?` for an optional one, `...x` for the rest, `_` where there is no name. */
function shown(fn: (...args: never[]) => unknown): string | undefined {
  return parametersOf(fn)
    ?.map(({ name = "_", optional, rest }) => {
      if (rest) return `...${name}`;
      return optional ? `${name}?` : name;
    })
    .join(" ");
}

const cases: readonly (readonly [string, (...args: never[]) => unknown, string | undefined])[] = [
  ["no parameters", () => 0, ""],
  [
    "a function",
    function f(x: number, w: number) {
      return x + w;
    },
    "x w",
  ],
  ["an arrow function", (x: number, $w: number) => x + $w, "x $w"],
  ["an async function", async (x: number) => x, "x"],
  [
    "default values",
    (x: number, a = Math.max(1, 2), b = "),(", c = [1, 2]) => [x, a, b, c],
    "x a? b? c?",
  ],
  ["a default value that is a function", (f = (a: number, b: number) => a + b) => f, "f?"],
  ["the rest", (x: number, ...others: number[]) => [x, others], "x ...others"],
  ["parameters that are taken apart", ({ a = 1 }, [b]: number[]) => [a, b], "_ _"],
  ["native functions", Math.max, undefined],
  ["bound functions", ((x: number) => x).bind(null), undefined],
];

test.each(cases)("parametersOf reads %s", (_, fn, expected) => {
  expect(shown(fn)).toBe(expected);
});

/** A function whose source is just this text. */
function withSource(source: string): (...args: never[]) => unknown {
  const fn = () => 0;
  fn.toString = () => source;
  return fn;
}

test.each([
  ["x => x", "x"],
  ["({ a } = { a: 1 }) => a", "_?"],
  ["async x => x", "x"],
  ["function (a /* b, */, // c)\n d) {}", "a d"],
  ["method(a, b) { return (a); }", "a b"],
])("parametersOf reads the source %j", (source, expected) => {
  expect(shown(withSource(source))).toBe(expected);
});
