import { ArgumentError } from "../errors.js";
import { nearestName } from "../nearestName.js";
import type { TensorType } from "../type.js";

/** What predicates ask for. A field is undefined where a row has no such thing. */
export interface RowFacts {
  readonly id: string;
  readonly op: string | undefined;
  readonly scope: string | undefined;
  readonly site: string | undefined;
  /** Names as an input and as outputs. */
  readonly names: readonly string[];
  readonly types: readonly TensorType[];
}

const valuesOf = {
  op: ({ op }: RowFacts) => listOf(op),
  scope: ({ scope }: RowFacts) => listOf(scope),
  site: ({ site }: RowFacts) => listOf(site),
  dtype: ({ types }: RowFacts) => types.map(({ dtype }) => dtype),
  shape: ({ types }: RowFacts) => types.map(({ shape }) => `[${shape.join(",")}]`),
  name: ({ names }: RowFacts) => names,
  id: ({ id }: RowFacts) => [id],
} as const;

type Field = keyof typeof valuesOf;

function listOf(value: string | undefined): readonly string[] {
  return value === undefined ? [] : [value];
}

function isField(name: string): name is Field {
  return Object.hasOwn(valuesOf, name);
}

/**
 * True where `text` is of the form of `glob`: `*` stands for any characters, `?` for one. Takes at most the product of
 * the lengths, whatever the texts.
 */
export function matchesGlob(text: string, glob: string): boolean {
  let at = 0;
  let star = -1;
  let resume = 0;
  let next = 0;
  while (at < text.length) {
    if (glob[next] === "*") {
      star = next++;
      resume = at;
    } else if (next < glob.length && (glob[next] === "?" || glob[next] === text[at])) {
      next++;
      at++;
    } else if (star >= 0) {
      next = star + 1;
      at = ++resume;
    } else return false;
  }
  while (glob[next] === "*") next++;
  return next === glob.length;
}

type Test = (facts: RowFacts) => boolean;

const term = /\s*(\w+)\s*(!=|!~|=|~)\s*("(?:[^"\\]|\\.)*"|\[[^\]]*\]|[^\s,"]+)\s*/y;
const joint = /(?:,|and\b)/y;

function refuse(text: string, at: number, allowed: string): never {
  const rest = text.slice(at).trim();
  throw new ArgumentError({
    op: "select",
    problem: `predicate is not understood at character ${at + 1}`,
    received: rest === "" ? "its end" : JSON.stringify(rest.slice(0, 40)),
    allowed,
  });
}

function unquote(text: string, at: number, value: string): string {
  if (value.startsWith("[")) return value.replace(/\s/g, "");
  if (!value.startsWith('"')) return value;
  try {
    return String(JSON.parse(value));
  } catch {
    return refuse(text, at, "a string as JSON writes it");
  }
}

function testOf(field: Field, sign: string, value: string): Test {
  const wanted = field === "id" ? value.replace(/^%/, "") : value;
  const fits = sign.endsWith("~")
    ? (one: string) => matchesGlob(one, wanted)
    : (one: string) => one === wanted;
  const isDenied = sign.startsWith("!");
  return (facts) => {
    const values: readonly string[] = valuesOf[field](facts);
    return values.length > 0 && values.some(fits) !== isDenied;
  };
}

/**
 * Reads a predicate: comparisons joined by `and` or commas, all of which must hold.
 *
 * @throws ArgumentError that says where it is not understood
 */
export function readPredicate(text: string): Test {
  const tests: Test[] = [];
  let at = 0;
  for (;;) {
    term.lastIndex = at;
    const [whole, field = "", sign = "", value = ""] = term.exec(text) ?? [];
    const fields = Object.keys(valuesOf);
    if (whole === undefined) return refuse(text, at, `field=value; fields: ${fields.join(", ")}`);
    if (!isField(field)) return refuse(text, at, nearestName(field, fields) ?? fields.join(", "));
    tests.push(testOf(field, sign, unquote(text, at, value)));
    at += whole.length;
    if (at === text.length) return (facts) => tests.every((test) => test(facts));
    joint.lastIndex = at;
    const [joined] = joint.exec(text) ?? [];
    if (joined === undefined) return refuse(text, at, '"," or "and"');
    at += joined.length;
  }
}
