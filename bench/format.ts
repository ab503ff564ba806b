/** Microseconds in a readable unit, three digits. */
export function timeText(microseconds: number): string {
  if (microseconds < 1000) return `${digits(microseconds)} µs`;
  if (microseconds < 1e6) return `${digits(microseconds / 1000)} ms`;
  return `${digits(microseconds / 1e6)} s`;
}

/** Three digits, without an exponent. */
export function digits(value: number): string {
  if (!Number.isFinite(value)) return "–";
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

export function ratioText(ratio: number | undefined): string {
  return ratio === undefined || Number.isNaN(ratio) ? "–" : `${digits(ratio)}×`;
}
