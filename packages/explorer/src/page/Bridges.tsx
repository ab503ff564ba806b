import type { JSX, RefObject } from "preact";
import { useLayoutEffect, useState } from "preact/hooks";
import type { RowRef } from "./model.js";

/** A connection of a row of one graph with one of the other. */
export interface Bridge {
  readonly from: RowRef;
  readonly to: RowRef;
  readonly kind: "derived" | "saved" | "head";
}

interface Curve {
  readonly key: string;
  readonly kind: Bridge["kind"];
  readonly path: string;
}

interface Rect {
  readonly left: number;
  readonly right: number;
  readonly middle: number;
}

function rectOf(container: HTMLElement, key: string, side: string): Rect | undefined {
  const pane = container.querySelector(`svg[data-side="${side}"]`);
  const face = pane?.querySelector(`[data-box="${CSS.escape(key)}"] .face`);
  if (pane === null || pane === undefined || face === null || face === undefined) return undefined;
  const [box, view, base] = [face, pane, container].map((one) => one.getBoundingClientRect());
  if (box === undefined || view === undefined || base === undefined) return undefined;
  // What is scrolled out of its pane is pointed at from the rim.
  const clamp = (value: number, low: number, high: number) => Math.min(Math.max(value, low), high);
  return {
    left: clamp(box.left, view.left, view.right) - base.left,
    right: clamp(box.right, view.left, view.right) - base.left,
    middle: clamp((box.top + box.bottom) / 2, view.top, view.bottom) - base.top,
  };
}

function curveOf(container: HTMLElement, bridge: Bridge, boxOf: BoxOf): Curve | undefined {
  const { from, to, kind } = bridge;
  const [a, b] = [boxOf(from), boxOf(to)];
  const start = a === undefined ? undefined : rectOf(container, a, from.side);
  const end = b === undefined ? undefined : rectOf(container, b, to.side);
  if (start === undefined || end === undefined) return undefined;
  const [x0, x1] = start.right <= end.left ? [start.right, end.left] : [start.left, end.right];
  const bend = Math.max(40, Math.abs(x1 - x0) / 2) * (x1 >= x0 ? 1 : -1);
  const path = `M${x0} ${start.middle} C${x0 + bend} ${start.middle} ${x1 - bend} ${end.middle} ${x1} ${end.middle}`;
  return { key: `${from.side} ${a} ${b} ${kind}`, kind, path };
}

type BoxOf = (ref: RowRef) => string | undefined;

/** Curves from the selected row to what belongs to it in the other graph, over both panes. */
export function Bridges({
  container,
  bridges,
  boxOf,
  moves,
}: {
  readonly container: RefObject<HTMLElement | null>;
  readonly bridges: readonly Bridge[];
  readonly boxOf: BoxOf;
  /** Counts movements of the drawings. */
  readonly moves: number;
}): JSX.Element {
  const [curves, setCurves] = useState<readonly Curve[]>([]);
  useLayoutEffect(() => {
    const frame = requestAnimationFrame(() => {
      const element = container.current;
      const found = bridges.flatMap((one) =>
        element === null ? [] : (curveOf(element, one, boxOf) ?? []),
      );
      setCurves([...new Map(found.map((curve) => [curve.key, curve])).values()]);
    });
    return () => cancelAnimationFrame(frame);
  }, [bridges, moves]);
  return (
    <svg class="bridges" aria-hidden="true">
      {curves.map(({ key, kind, path }) => (
        <path key={key} class={kind} d={path} />
      ))}
    </svg>
  );
}
