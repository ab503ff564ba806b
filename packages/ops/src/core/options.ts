import { AttributeError, BoundsError, formatShape, nearestName, type Shape } from "@adjoint/graph";
import { describe, isOperand } from "./define.js";

/**
 * Completes an options object with defaults. A name that is not among the defaults is refused, with the nearest known
 * one; `undefined` counts as not given.
 */
export function readOptions<O extends object>(
  op: string,
  given: Partial<O> | undefined,
  defaults: O,
): O {
  if (given === undefined) return defaults;
  if (typeof given !== "object" || given === null || Array.isArray(given) || isOperand(given)) {
    throw new AttributeError({
      op,
      problem: "options must be an object",
      received: describe(given),
      allowed: Object.keys(defaults).join(", "),
    });
  }
  const options = { ...defaults };
  for (const name in given) {
    if (!(name in defaults)) {
      throw unknownOption(op, name, Object.keys(defaults));
    }
    const value = given[name];
    if (value === undefined) continue;
    checkKind(op, name, value, defaults[name]);
    options[name] = value;
  }
  return options;
}

/** Options of MXNet's that have no meaning here, and why. */
const unsupportedOptions: ReadonlyMap<string, string> = new Map([
  ...["workspace", "cudnnTune", "cudnnOff", "cudnnAlgoVerbose"].map(
    (name) => [name, "it tunes a GPU library, and there is none"] as const,
  ),
  ["ctx", "there is one device, the CPU"],
  ["sparseGrad", "there are no sparse arrays; gradients are dense"],
  ["lazyUpdate", "there are no sparse arrays"],
  ["out", "assign the result: y.assign(...)"],
  ["name", "names belong to symbols; see nd.nameScope"],
  ["numArgs", "the arrays given are counted"],
]);

function unknownOption(op: string, name: string, known: readonly string[]): AttributeError {
  const reason = unsupportedOptions.get(name);
  const names = known.join(", ") || "none";
  return new AttributeError({
    op,
    problem: reason === undefined ? "unknown option" : `option is not supported: ${reason}`,
    received: name,
    allowed: reason === undefined ? (nearestName(name, known) ?? names) : names,
  });
}

/**
 * Refuses what no option with such a default can be. Whether a list, null or an array may stand in
 * place of a number is for the operator to say.
 */
function checkKind(op: string, name: string, value: unknown, byDefault: unknown): void {
  if (typeof byDefault === "boolean") {
    if (typeof value !== "boolean") throw invalid(op, name, value, "true or false");
  } else if (typeof byDefault === "number") {
    const replaced = value === null || Array.isArray(value) || isOperand(value);
    if (typeof value !== "number" && !replaced) throw invalid(op, name, value, "a number");
  } else if (Array.isArray(byDefault)) {
    const isList = Array.isArray(value) || typeof value === "number";
    if (!isList) throw invalid(op, name, value, "a list of numbers");
  }
}

function invalid(op: string, name: string, value: unknown, allowed: string): AttributeError {
  return new AttributeError({
    op,
    problem: `${name} is not valid`,
    received: describe(value),
    allowed,
  });
}

/** Refuses an options object where an operator has no options; other surplus arguments do not matter, as in JavaScript. */
export function refuseOptions(op: string, given: unknown): void {
  if (typeof given === "object" && given !== null && !isOperand(given)) readOptions(op, given, {});
}

/** Refuses a number that is not an integer of at least `least`. */
export function checkInteger(op: string, name: string, value: unknown, least = -Infinity): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= least) return value;
  throw new AttributeError({
    op,
    problem: `${name} is not valid`,
    received: String(value),
    allowed: least === -Infinity ? "an integer" : `an integer of at least ${least}`,
  });
}

/** Refuses what is not a list of integers. */
export function checkIntegers(op: string, name: string, value: unknown): readonly number[] {
  if (!Array.isArray(value)) throw invalid(op, name, value, "a list of integers");
  return value.map((one) => checkInteger(op, name, one));
}

/** Refuses what is not a number; NaN and infinities are. */
export function checkNumber(op: string, name: string, value: unknown): number {
  if (typeof value === "number") return value;
  throw invalid(op, name, value, "a number");
}

/** An axis counted from either end, as one counted from the front. */
export function normalizeAxis(op: string, axis: unknown, rank: number): number {
  const given = checkInteger(op, "axis", axis);
  if (given >= -rank && given < rank) return given < 0 ? given + rank : given;
  throw new BoundsError({
    op,
    problem: "axis is out of range",
    received: `${given} for ${rank} axes`,
    allowed: rank === 0 ? "none" : `${-rank} to ${rank - 1}`,
  });
}

/** An axis, a list, or null for all axes; ascending, without repetition. `exclude` takes the others instead. */
export function normalizeAxes(
  op: string,
  axis: number | readonly number[] | null,
  shape: Shape,
  exclude = false,
): readonly number[] {
  const all = shape.map((_, index) => index);
  const listed: unknown = axis === null ? [] : typeof axis === "number" ? [axis] : axis;
  if (!Array.isArray(listed)) {
    throw new AttributeError({
      op,
      problem: "axis is not valid",
      received: String(axis),
      allowed: "an integer, a list of integers, or null for all",
    });
  }
  if (listed.length === 0) return all;
  const chosen = new Set<number>();
  for (const one of listed) {
    const index = normalizeAxis(op, one, shape.length);
    if (chosen.has(index)) {
      throw new AttributeError({
        op,
        problem: "axis is named twice",
        received: `[${listed.join(", ")}] for ${formatShape(shape)}`,
      });
    }
    chosen.add(index);
  }
  return all.filter((index) => chosen.has(index) !== exclude);
}

/** Refuses a value that is not among the allowed words. */
export function checkChoice<C extends string>(
  op: string,
  name: string,
  value: unknown,
  choices: readonly C[],
): C {
  const found = choices.find((choice) => choice === value);
  if (found !== undefined) return found;
  throw new AttributeError({
    op,
    problem: `${name} is not valid`,
    received: typeof value === "string" ? `"${value}"` : String(value),
    allowed: choices.join(", "),
  });
}
