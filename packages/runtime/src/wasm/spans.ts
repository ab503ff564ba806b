/** The numbers from `from` up to `to`, without it. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * Cuts 0 to `count` in at most `parts` spans, none of them empty, whose inner ends are multiples of
 * `unit`.
 */
export function splitSpan(count: number, parts: number, unit = 1): readonly Span[] {
  const units = Math.ceil(count / unit);
  const spans: Span[] = [];
  for (let part = 0; part < parts; part++) {
    const from = Math.floor((units * part) / parts) * unit;
    const to = Math.min(count, Math.floor((units * (part + 1)) / parts) * unit);
    if (from < to) spans.push({ from, to });
  }
  return spans;
}
