import type { Ref } from "../graph.js";

/** Names that are written without quotes. */
export const wordPattern = /[A-Za-z_](?:[\w.:/'-]*\w)?/;

const wholeWord = new RegExp(`^${wordPattern.source}$`);

/** A name as it is where it is a plain word, in quotes elsewhere. */
export function formatWord(text: string): string {
  return wholeWord.test(text) ? text : JSON.stringify(text);
}

/** `nan`, `inf`, `-inf`, `-0`, otherwise JavaScript's shortest form. */
export function formatNumber(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (Object.is(value, -0)) return "-0";
  if (Number.isFinite(value)) return String(value);
  return value > 0 ? "inf" : "-inf";
}

/** `%4`, and `%4.1` for another result than the first. */
export function formatRef({ node, out }: Ref): string {
  return out === 0 ? `%${node}` : `%${node}.${out}`;
}

/** Characters that would end a comment, or that UTF-8 can't hold. */
const breaking = /[\p{Cc}\p{Cs}\u2028\u2029]/u;

/** A site as a comment shows it: as it is, in quotes where it could not be told from its surroundings. */
export function formatSite(site: string): string {
  const isPlain = site !== "" && site.trim() === site && !site.startsWith('"');
  return isPlain && !breaking.test(site) ? site : JSON.stringify(site);
}
