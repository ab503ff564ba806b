import { isDType } from "./dtype.js";
import { ArgumentError, AttributeError } from "./errors.js";
import type { Attrs, AttrValue } from "./graph.js";
import { nearestName } from "./nearestName.js";
import type { Arity, AttrKind, OpDef } from "./op.js";

const isNumber = (value: unknown): boolean => typeof value === "number";
const isInteger = (value: unknown): boolean => Number.isInteger(value);

const accepts: { readonly [K in AttrKind]: (value: AttrValue) => boolean } = {
  number: isNumber,
  int: isInteger,
  bool: (value) => typeof value === "boolean",
  string: (value) => typeof value === "string",
  dtype: isDType,
  ints: (value) => Array.isArray(value) && value.every(isInteger),
  numbers: (value) => Array.isArray(value) && value.every(isNumber),
  graph: (value) => typeof value === "object" && value !== null && "order" in value,
  any: () => true,
};

function formatArity(arity: Arity): string {
  if (typeof arity === "number") return String(arity);
  return arity.max === undefined ? `${arity.min} or more` : `${arity.min} to ${arity.max}`;
}

/** Refuses a wrong number of arguments, unknown, missing or ill-typed attributes. */
export function checkCall(op: OpDef, count: number, attrs: Attrs): void {
  const { arity } = op;
  const fits =
    typeof arity === "number"
      ? count === arity
      : count >= arity.min && count <= (arity.max ?? Number.POSITIVE_INFINITY);
  if (!fits) {
    throw new ArgumentError({
      op: op.name,
      problem: "wrong number of arguments",
      received: String(count),
      allowed: formatArity(arity),
    });
  }
  for (const name in attrs) {
    if (Object.hasOwn(op.attrs, name)) continue;
    const known = Object.keys(op.attrs);
    throw new AttributeError({
      op: op.name,
      problem: "unknown attribute",
      received: name,
      allowed: nearestName(name, known) ?? (known.join(", ") || "none"),
    });
  }
  for (const [name, kind] of Object.entries(op.attrs)) {
    const value = attrs[name];
    if (value !== undefined && accepts[kind](value)) continue;
    throw new AttributeError({
      op: op.name,
      problem: `attribute ${name} is ${value === undefined ? "missing" : "of the wrong kind"}`,
      received: JSON.stringify(value),
      allowed: kind,
    });
  }
}
