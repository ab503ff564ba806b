/** A parameter of a function, as far as its source shows it. */
export interface Parameter {
  /** Undefined where it is taken apart (`{ a, b }`). */
  readonly name: string | undefined;
  /** Has a default value, or takes the rest. */
  readonly optional: boolean;
  readonly rest: boolean;
}

/** Strings, comments and single characters; templates and regular expressions in default values are read roughly. */
const tokens =
  /\/\*[\s\S]*?\*\/|\/\/.*|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`|[\s\S]/g;

const closing: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };

function isComment(token: string): boolean {
  return token.startsWith("/*") || token.startsWith("//");
}

/** Text of a parameter, up to its default value. */
interface Declaration {
  text: string;
  hasDefault: boolean;
}

/** What stands between the commas of the first pair of parentheses. */
function declarationsIn(source: string): Declaration[] {
  let current: Declaration = { text: "", hasDefault: false };
  const all = [current];
  const open: string[] = [];
  for (const [token] of source.matchAll(tokens)) {
    if (isComment(token)) continue;
    const end = closing[token];
    if (open.length === 0) {
      if (token === "(") open.push(")");
      continue;
    }
    if (token === open.at(-1)) open.pop();
    else if (end !== undefined) open.push(end);
    if (open.length === 0) break;
    if (open.length === 1 && token === ",") {
      current = { text: "", hasDefault: false };
      all.push(current);
    } else if (open.length === 1 && token === "=") current.hasDefault = true;
    else if (!current.hasDefault) current.text += token;
  }
  return all.filter(({ text }) => text.trim() !== "");
}

function parameterOf({ text, hasDefault }: Declaration): Parameter {
  const match = /^(?<dots>\.\.\.)?\s*(?<name>[\p{ID_Start}$_][\p{ID_Continue}$]*)?/u.exec(
    text.trim(),
  );
  const rest = match?.groups?.dots !== undefined;
  return { name: match?.groups?.name, optional: rest || hasDefault, rest };
}

/**
 * The parameters of a function, from its source. Undefined for functions without any: native and bound ones.
 *
 * @example
 * ```ts
 * parametersOf((x, scale = 2) => x.mul(scale)); // x, and scale, which is optional
 * ```
 */
export function parametersOf(fn: (...args: never[]) => unknown): readonly Parameter[] | undefined {
  const source = String(fn);
  if (/\{\s*\[native code\]\s*\}$/.test(source)) return undefined;
  const single = /^(?:async\s+)?([\p{ID_Start}$_][\p{ID_Continue}$]*)\s*=>/u.exec(source);
  if (single === null) return declarationsIn(source).map(parameterOf);
  return [{ name: single[1], optional: false, rest: false }];
}
