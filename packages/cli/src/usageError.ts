import { nearestName } from "@adjoint/graph";

/** The command line itself is wrong: exit code 2, where a failing program has 1. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** One of the words that an option takes. */
export function knownWord<W extends string>(option: string, text: string, words: readonly W[]): W {
  const known = words.find((word) => word === text);
  if (known !== undefined) return known;
  const near = nearestName(text, words);
  const hint = near === undefined ? `allowed: ${words.join(", ")}` : `did you mean ${near}?`;
  throw new UsageError(`${option}: unknown word "${text}"; ${hint}`);
}

/** A whole number from `least` to `most`. */
export function wholeNumber(
  option: string,
  text: string,
  least: number,
  most = Number.MAX_SAFE_INTEGER,
): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  const range = most === Number.MAX_SAFE_INTEGER ? `from ${least}` : `from ${least} to ${most}`;
  throw new UsageError(`${option} ${text}: not a whole number ${range}`);
}
