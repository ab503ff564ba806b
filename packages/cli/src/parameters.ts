import type { UserFunction } from "./loadModule.js";

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

/** Texts between the commas of the first pair of parentheses. */
function listTexts(source: string): string[] {
  const texts: string[] = [""];
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
    if (token === "," && open.length === 1) texts.push("");
    else texts.push(`${texts.pop() ?? ""}${token}`);
  }
  return texts.map((text) => text.trim()).filter((text) => text !== "");
}

function parameterOf(text: string): Parameter {
  const match = /^(?<rest>\.\.\.)?\s*(?<name>[\p{ID_Start}$_][\p{ID_Continue}$]*)?/u.exec(text);
  const rest = match?.groups?.rest !== undefined;
  const optional = rest || /^[^=]*=(?![=>])/.test(text.replace(/^[[{][\s\S]*[\]}]/, ""));
  return { name: match?.groups?.name, optional, rest };
}

/**
 * The parameters of a function, from its source. Undefined for functions without any: native and bound ones.
 *
 * @example
 * ```ts
 * parametersOf((x, scale = 2) => x.mul(scale)); // x, and scale, which is optional
 * ```
 */
export function parametersOf(fn: UserFunction): readonly Parameter[] | undefined {
  const source = String(fn);
  if (/\{\s*\[native code\]\s*\}$/.test(source)) return undefined;
  const single = /^(?:async\s+)?([\p{ID_Start}$_][\p{ID_Continue}$]*)\s*=>/u.exec(source);
  return single === null ? listTexts(source).map(parameterOf) : [parameterOf(single[1] ?? "")];
}
