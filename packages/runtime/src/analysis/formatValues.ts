import type { ValueSummary } from "./summarize.js";

/** A number in at most six digits: `0.333333`, `nan`, `-inf`. */
export function formatElement(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  return Object.is(value, -0) ? "-0" : String(Number(value.toPrecision(6)));
}

/** `[1, 2, 3]`; `min -1, mean 0.02, max 3, 2 nan, 1 inf`. */
export function formatSummary({
  min,
  mean,
  max,
  nans,
  infinities,
  elements,
}: ValueSummary): string {
  if (elements !== undefined) return `[${elements.map(formatElement).join(", ")}]`;
  const known = Object.entries({ min, mean, max }).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name} ${formatElement(value)}`],
  );
  const counts = Object.entries({ nan: nans, inf: infinities }).flatMap(([name, count]) =>
    count === 0 ? [] : [`${count} ${name}`],
  );
  return [...known, ...counts].join(", ");
}

const prefixes = ["", "K", "M", "G", "T", "P"] as const;

function scaled(value: number, base: number): readonly [number, string] {
  let power = 0;
  let rest = value;
  while (rest >= base && power < prefixes.length - 1) {
    rest /= base;
    power++;
  }
  return [power === 0 ? rest : Number(rest.toPrecision(3)), prefixes[power] ?? ""];
}

/** `640`, `1.2M`. */
export function formatQuantity(value: number): string {
  const [number, prefix] = scaled(value, 1000);
  return `${number}${prefix}`;
}

/** `640 B`, `1.5 KiB`. */
export function formatBytes(bytes: number): string {
  const [number, prefix] = scaled(bytes, 1024);
  return `${number} ${prefix === "" ? "B" : `${prefix}iB`}`;
}

/** `12.3 µs`, `4.56 ms`, `1.2 s`. */
export function formatMilliseconds(milliseconds: number): string {
  if (milliseconds >= 1000) return `${Number((milliseconds / 1000).toPrecision(3))} s`;
  if (milliseconds >= 1) return `${Number(milliseconds.toPrecision(3))} ms`;
  return `${Number((milliseconds * 1000).toPrecision(3))} µs`;
}
