import { GraphError } from "../errors.js";

/** Where a value stands in a JSON text. */
export interface Path {
  readonly parent: Path | undefined;
  readonly key: string | number;
}

function formatPath(path: Path): string {
  const keys: (string | number)[] = [];
  for (let one: Path | undefined = path; one !== undefined; one = one.parent) keys.push(one.key);
  return keys
    .reverse()
    .map((key, at) => {
      if (typeof key === "number") return `[${key}]`;
      if (!/^[A-Za-z_$][\w$]*$/.test(key)) return `[${JSON.stringify(key)}]`;
      return at === 0 ? key : `.${key}`;
    })
    .join("");
}

/** What an error message says of a JSON value. */
function describe(value: unknown): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object" && value !== null) return "an object";
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** The error for a value that is not what the format asks for. */
export function malformed(path: Path, allowed: string, received: unknown): GraphError {
  const problem = `${formatPath(path)} is not valid`;
  return new GraphError({ op: "fromJson", problem, received: describe(received), allowed });
}

type Fields = { readonly [name: string]: unknown };

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function readObject(value: unknown, path: Path): Fields {
  if (isFields(value)) return value;
  throw malformed(path, "an object", value);
}

/** An object with no other fields than these; the optional ones may be missing. */
export function readFields(
  value: unknown,
  path: Path,
  required: readonly string[],
  optional: readonly string[] = [],
): Fields {
  const fields = readObject(value, path);
  for (const name of Object.keys(fields)) {
    if (required.includes(name) || optional.includes(name)) continue;
    throw malformed({ parent: path, key: name }, "no such field", fields[name]);
  }
  for (const name of required) {
    if (Object.hasOwn(fields, name)) continue;
    throw malformed({ parent: path, key: name }, "a value", undefined);
  }
  return fields;
}

export function readString(value: unknown, path: Path): string {
  if (typeof value === "string") return value;
  throw malformed(path, "a string", value);
}

/** A whole number from 0 to 2⁵³ - 1: an id, a length, an index. */
export function readCount(value: unknown, path: Path): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) {
    // JSON can say -0, which is no other id or length than 0.
    return value === 0 ? 0 : value;
  }
  throw malformed(path, "a whole number from 0 to 2^53 - 1", value);
}

export function readList<T>(
  value: unknown,
  path: Path,
  read: (item: unknown, path: Path) => T,
): T[] {
  if (!Array.isArray(value)) throw malformed(path, "a list", value);
  return value.map((item: unknown, key) => read(item, { parent: path, key }));
}

/** Reads a field that may be missing. */
export function readOptional<T>(
  fields: Fields,
  name: string,
  path: Path,
  read: (value: unknown, path: Path) => T,
): T | undefined {
  return Object.hasOwn(fields, name) ? read(fields[name], { parent: path, key: name }) : undefined;
}
