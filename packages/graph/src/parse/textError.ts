import { GraphError } from "../errors.js";

/** Characters of a line that an error shows, so that a line of a megabyte is no message. */
const shownBefore = 60;
const shownAfter = 30;

const unprintable = /[\p{Cc}\p{Cs}\u2028\u2029]/gu;

/** The line around `at`, cut where it is long, and a caret below the place. */
function excerpt(text: string, at: number): string {
  const start = text.lastIndexOf("\n", at - 1) + 1;
  const end = text.indexOf("\n", at);
  const from = Math.max(start, at - shownBefore);
  const to = Math.min(end < 0 ? text.length : end, at + shownAfter);
  const line = text.slice(from, to).replace(unprintable, " ");
  return `  ${line.trimEnd()}\n  ${" ".repeat(at - from)}^`;
}

/** What is wrong at a place of a text. */
export interface TextComplaint {
  readonly problem: string;
  readonly received?: string | undefined;
  readonly allowed?: string | undefined;
}

/**
 * A text that is not what was to be read. The message ends with the line and a caret below the place:
 *
 * ```
 * parseText: unexpected text: ")" (allowed: an operand); line 2, column 16
 *   %4 = add(%3, ) : float32[4]
 *                ^
 * ```
 */
export class TextError extends GraphError {
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
  /** `line 2, column 16`. */
  override readonly site: string;

  constructor(op: string, text: string, at: number, complaint: TextComplaint) {
    const before = text.slice(0, at);
    const line = before.split("\n").length;
    const column = at - before.lastIndexOf("\n");
    const site = `line ${line}, column ${column}`;
    super({ op, ...complaint, site: `${site}\n${excerpt(text, at)}` });
    this.line = line;
    this.column = column;
    this.site = site;
  }
}
