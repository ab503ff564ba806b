import { InvalidArgumentError } from "commander";

/** Reads an option that is a number of at least 0; says so where it is not. */
export function atLeastZero(text: string): number {
  const number = Number(text);
  if (text !== "" && number >= 0) return number;
  throw new InvalidArgumentError("Expected a number of at least 0.");
}

/** Reads an option that is a whole number of at least 1. */
export function count(text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= 1) return number;
  throw new InvalidArgumentError("Expected a whole number of at least 1.");
}

/** Adds a value to the ones given before, for options that can be repeated. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
