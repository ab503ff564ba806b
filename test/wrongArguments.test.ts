import { AdjointError } from "@adjoint/graph";
import { NDArray, nd } from "@adjoint/nd";
import { withoutOperators } from "../scripts/operatorDocs/families.js";
import { type Documented, document } from "../scripts/operatorDocs/page.js";
import { publicFunctions } from "../scripts/operatorDocs/publicFunctions.js";

/** What no argument and no option of an operator is. */
const wrong: Readonly<Record<string, unknown>> = {
  "a text": "foo",
  "a function": () => 1,
  "an unknown option": { bogus: 1 },
};

/** What some arguments may be; where it is refused, the error has to be clear. */
const odd: Readonly<Record<string, unknown>> = {
  null: null,
  NaN: Number.NaN,
  "a negative number": -1,
  "a large number": 1e12,
  "a list of texts": ["a"],
  "an empty object": {},
};

// Names of files are texts, bodies of scopes are functions, and what a callback makes of its
// arguments is its own affair.
const functions = document(publicFunctions()).filter(({ family, run: { calls } }) => {
  const [first] = calls;
  const takesCallback = first?.some((one) => typeof one === "function");
  return first !== undefined && !takesCallback && !withoutOperators.has(family);
});

function named(path: string): (args: readonly unknown[]) => unknown {
  let found: unknown = nd;
  for (const part of path.split(".")) found = Reflect.get(Object(found), part);
  if (typeof found !== "function") throw new Error(`nd.${path} is no function`);
  const call = found;
  return (args) => Reflect.apply(call, undefined, args);
}

function isOptions(value: unknown): value is object {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject && !(value instanceof NDArray);
}

/** How a call ends: "accepted", "refused" by an error that tells the user's line, or another error. */
function outcomeOf(call: () => unknown): string {
  try {
    call();
    return "accepted";
  } catch (error) {
    const isClear =
      error instanceof AdjointError && /wrongArguments\.test\.ts:\d+$/.test(error.message);
    return isClear ? "refused" : String(error);
  }
}

interface Attempt {
  readonly title: string;
  readonly args: readonly unknown[];
}

/** The arguments of the documented call, one of them replaced. */
function replacements({ run }: Documented, values: typeof wrong): readonly Attempt[] {
  const [call = []] = run.calls;
  return call.flatMap((_, at) =>
    Object.entries(values).map(([title, value]) => ({
      title: `argument ${at + 1}: ${title}`,
      args: call.map((one, place) => (place === at ? value : one)),
    })),
  );
}

/** The documented call, one option in it set to another value. */
function optionValues({ run, options }: Documented, values: typeof wrong): readonly Attempt[] {
  const [call = []] = run.calls;
  const last = call.at(-1);
  const [arrays, given] = isOptions(last) ? [call.slice(0, -1), last] : [call, {}];
  return options.flatMap(({ name }) =>
    Object.entries(values).map(([title, value]) => ({
      title: `option ${name}: ${title}`,
      args: [...arrays, { ...given, [name]: value }],
    })),
  );
}

function unlike(outcomes: readonly string[], one: Documented, attempts: readonly Attempt[]) {
  const call = named(one.name);
  return attempts.flatMap(({ title, args }) => {
    const outcome = outcomeOf(() => call(args));
    return outcomes.includes(outcome) ? [] : [`nd.${one.name}, ${title}: ${outcome}`];
  });
}

test("every argument of the wrong kind is refused, with the user's line", () => {
  expect(functions.flatMap((one) => unlike(["refused"], one, replacements(one, wrong)))).toEqual(
    [],
  );
});

test("every option of the wrong kind is refused, with the user's line", () => {
  expect(functions.flatMap((one) => unlike(["refused"], one, optionValues(one, wrong)))).toEqual(
    [],
  );
});

test("whatever stands in place of an argument or option, no error but a clear one comes", () => {
  const allowed = ["accepted", "refused"];
  expect(
    functions.flatMap((one) => [
      ...unlike(allowed, one, replacements(one, odd)),
      ...unlike(allowed, one, optionValues(one, odd)),
    ]),
  ).toEqual([]);
});
