/** The words with spaces before the shorter ones. */
export function alignRight(words: readonly string[]): string[] {
  const width = longest(words);
  return words.map((word) => word.padStart(width));
}

/** Length of the longest text; 0 if there is none. */
export function longest(texts: readonly string[]): number {
  return texts.reduce((most, { length }) => Math.max(most, length), 0);
}
