import type { PlainNumber } from "../session/session.js";

/** A number in at most five significant digits. */
export function shortNumber(value: PlainNumber | undefined): string {
  if (value === undefined) return "–";
  if (typeof value === "string") return value;
  if (Number.isInteger(value) && Math.abs(value) < 1e7) return String(value);
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential(3);
  return String(Number(value.toPrecision(5)));
}

const units = ["B", "KiB", "MiB", "GiB"];

export function shortBytes(bytes: number): string {
  let [size, unit] = [bytes, 0];
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit++;
  }
  return `${Number(size.toPrecision(3))} ${units[unit]}`;
}

export function shortTime(milliseconds: number): string {
  if (milliseconds < 1) return `${Number((milliseconds * 1000).toPrecision(3))} µs`;
  return `${Number(milliseconds.toPrecision(3))} ms`;
}

export function plural(count: number, noun: string): string {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}

type Color = readonly [number, number, number];

/** Stops that people with any colour vision tell apart: blue over grey to orange, and dark blue to yellow (cividis). */
const diverging: readonly Color[] = [
  [0, 90, 181],
  [150, 190, 225],
  [240, 240, 236],
  [240, 180, 120],
  [190, 75, 0],
];
const sequential: readonly Color[] = [
  [0, 34, 78],
  [70, 79, 107],
  [124, 123, 120],
  [187, 174, 105],
  [254, 232, 56],
];

function colorAt(stops: readonly Color[], share: number): Color {
  const place = Math.min(Math.max(share, 0), 1) * (stops.length - 1);
  const below = Math.min(Math.floor(place), stops.length - 2);
  const [from = [0, 0, 0] as const, to = [0, 0, 0] as const] = stops.slice(below, below + 2);
  const mix = (channel: 0 | 1 | 2) =>
    Math.round(from[channel] + (to[channel] - from[channel]) * (place - below));
  return [mix(0), mix(1), mix(2)];
}

/** What colour a number has among others. */
export interface Scale {
  readonly kind: "diverging" | "sequential";
  readonly low: number;
  readonly high: number;
  colorOf(value: PlainNumber): Color;
}

/** Colours around 0 where there are numbers of both signs, otherwise from the least to the greatest. */
export function scaleOf(cells: readonly PlainNumber[]): Scale {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const cell of cells) {
    if (typeof cell !== "number") continue;
    low = Math.min(low, cell);
    high = Math.max(high, cell);
  }
  const kind = low < 0 && high > 0 ? "diverging" : "sequential";
  if (kind === "diverging") {
    high = Math.max(-low, high);
    low = -high;
  }
  const span = high - low;
  const stops = kind === "diverging" ? diverging : sequential;
  return {
    kind,
    low,
    high,
    colorOf: (value) => {
      if (typeof value === "string") return [204, 0, 119];
      return colorAt(stops, span > 0 ? (value - low) / span : 0.5);
    },
  };
}
