import { wordPattern } from "../print/words.js";
import { type TextComplaint, TextError } from "./textError.js";

const word = new RegExp(wordPattern.source, "y");
const digits = /\d+/y;
const hash = /#[0-9a-f]{32}(?!\w)/y;
const number = /-?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|inf)(?!\w)|nan(?!\w)/y;
const space = /[ \t\r\n]*/y;
const sameLineSpace = /[ \t\r]*/y;
const restOfLine = /[^\n]*/y;
/** What an error shows as found. */
const token = /[\w.]+|[\s\S]/uy;

/**
 * Reads a text from left to right. Spaces, line ends and comments separate tokens. What starts with `accept` goes over
 * what it asks for, or stays where it is; the others refuse the text.
 */
export class Scanner {
  /** Behind the last token. */
  private position = 0;

  constructor(
    private readonly op: string,
    private readonly text: string,
  ) {}

  /** Where the next token starts. */
  get at(): number {
    let at = this.end(space, this.position);
    while (this.text.startsWith("//", at)) at = this.end(space, this.end(restOfLine, at));
    return at;
  }

  get isAtEnd(): boolean {
    return this.at === this.text.length;
  }

  isNext(text: string): boolean {
    return this.text.startsWith(text, this.at);
  }

  accept(text: string): boolean {
    const { at } = this;
    const stands = this.text.startsWith(text, at);
    if (stands) this.position = at + text.length;
    return stands;
  }

  expect(text: string, allowed = `"${text}"`): void {
    if (!this.accept(text)) this.unexpected(allowed);
  }

  /** Goes over a plain word where it is just this one. */
  acceptWord(text: string): boolean {
    const { position } = this;
    if (this.match(word) === text) return true;
    this.position = position;
    return false;
  }

  /** A plain word or a quoted name. */
  name(allowed: string): string {
    return this.acceptName() ?? this.unexpected(allowed);
  }

  acceptName(): string | undefined {
    return this.acceptString() ?? this.match(word);
  }

  /** A whole number from 0 to 2⁵³ - 1. */
  count(allowed: string): number {
    return this.acceptCount() ?? this.unexpected(allowed);
  }

  acceptCount(): number | undefined {
    const start = this.at;
    const found = this.match(digits);
    if (found === undefined) return undefined;
    const value = Number(found);
    if (Number.isSafeInteger(value)) return value;
    return this.fail(start, {
      problem: "number is too large",
      received: found,
      allowed: "0 to 2^53 - 1",
    });
  }

  /** A number as it is written, `-1.5e-7`, `inf`, `nan`. */
  acceptNumber(): string | undefined {
    return this.match(number);
  }

  /** The key of a constant, without its `#`. */
  acceptHash(): string | undefined {
    return this.match(hash)?.slice(1);
  }

  acceptString(): string | undefined {
    const start = this.at;
    if (this.text[start] !== '"') return undefined;
    let end = start + 1;
    for (; this.text[end] !== '"'; end++) {
      if (end >= this.text.length || this.text[end] === "\n") {
        return this.fail(start, { problem: "string does not end", allowed: "a string in quotes" });
      }
      if (this.text[end] === "\\") end++;
    }
    this.position = end + 1;
    return this.unquote(start, this.text.slice(start, end + 1));
  }

  /** A comma on the line of the last token. */
  acceptCommaHere(): boolean {
    const at = this.end(sameLineSpace, this.position);
    const stands = this.text[at] === ",";
    if (stands) this.position = at + 1;
    return stands;
  }

  /** The comment on the line of the last token: the site of the row that ends there. */
  acceptSite(): string | undefined {
    const at = this.end(sameLineSpace, this.position);
    if (!this.text.startsWith("//", at)) return undefined;
    this.position = this.end(restOfLine, at);
    const comment = this.text.slice(at + 2, this.position).trim();
    return comment.startsWith('"') ? this.unquote(at, comment) : comment;
  }

  /** Refuses what stands next. */
  unexpected(allowed: string): never {
    const start = this.at;
    token.lastIndex = start;
    const found = token.exec(this.text)?.[0];
    const received = found === undefined ? "end of text" : JSON.stringify(found.slice(0, 40));
    return this.fail(start, { problem: "unexpected text", received, allowed });
  }

  /** Refuses what stands at `at`. */
  fail(at: number, complaint: TextComplaint): never {
    throw new TextError(this.op, this.text, at, complaint);
  }

  private unquote(at: number, quoted: string): string {
    try {
      const value: unknown = JSON.parse(quoted);
      if (typeof value === "string") return value;
    } catch {
      // Refused below.
    }
    return this.fail(at, {
      problem: "string is not valid",
      received: quoted.slice(0, 40),
      allowed: "a string as JSON writes it",
    });
  }

  private match(pattern: RegExp): string | undefined {
    const { at } = this;
    const end = this.end(pattern, at);
    if (end === at) return undefined;
    this.position = end;
    return this.text.slice(at, end);
  }

  /** Where the match that starts at `at` ends; `at` where there is none. */
  private end(pattern: RegExp, at: number): number {
    pattern.lastIndex = at;
    return pattern.test(this.text) ? pattern.lastIndex : at;
  }
}
