import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Grid, ValueData } from "../session/session.js";
import { plural, type Scale, scaleOf, shortNumber } from "./numbers.js";

/** Beyond this, numbers are harder to read than colours. */
const fewColumns = 8;
const fewCells = 64;

/** Where a cell lies in the array. */
function placeText({ rowStep, columnStep, rows }: Grid, row: number, column: number): string {
  return rows === 1 ? `[${column * columnStep}]` : `[${row * rowStep}, ${column * columnStep}]`;
}

function Numbers({ grid, label }: { readonly grid: Grid; readonly label: string }): JSX.Element {
  const rows = Math.min(grid.rows, 32);
  const columns = Math.min(grid.columns, 16);
  const isCut = rows < grid.rows || columns < grid.columns;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section class="numbers" tabIndex={0} aria-label={`elements of the ${label}`}>
      <table>
        <tbody>
          {Array.from({ length: rows }, (_, row) => (
            <tr key={row}>
              {Array.from({ length: columns }, (_, column) => (
                <td key={column}>{shortNumber(grid.cells[row * grid.columns + column])}</td>
              ))}
              {columns < grid.columns && <td class="more">…</td>}
            </tr>
          ))}
        </tbody>
      </table>
      {isCut && <p class="note">The first rows and columns.</p>}
    </section>
  );
}

/** A long row is broken, so that it makes a picture. */
function pictureOf(grid: Grid): { readonly across: number; readonly down: number } {
  if (grid.rows > 1 || grid.columns <= 32) return { across: grid.columns, down: grid.rows };
  const across = Math.ceil(Math.sqrt(grid.columns * 4));
  return { across, down: Math.ceil(grid.columns / across) };
}

function paint(canvas: HTMLCanvasElement, grid: Grid, scale: Scale, across: number): void {
  const context = canvas.getContext("2d");
  if (context === null || canvas.width === 0 || canvas.height === 0) return;
  const image = context.createImageData(canvas.width, canvas.height);
  grid.cells.forEach((cell, at) => {
    const place = (Math.floor(at / across) * canvas.width + (at % across)) * 4;
    image.data.set([...scale.colorOf(cell), 255], place);
  });
  context.putImageData(image, 0, 0);
}

function HeatMap({ grid, label }: { readonly grid: Grid; readonly label: string }): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [pointed, setPointed] = useState<number>();
  const scale = scaleOf(grid.cells);
  const { across, down } = pictureOf(grid);
  useEffect(() => {
    if (canvas.current !== null) paint(canvas.current, grid, scale, across);
  }, [grid]);
  const point = (event: MouseEvent): void => {
    const area = canvas.current?.getBoundingClientRect();
    if (area === undefined) return;
    const column = Math.floor(((event.clientX - area.left) / area.width) * across);
    const row = Math.floor(((event.clientY - area.top) / area.height) * down);
    setPointed(row * across + column);
  };
  const cell = pointed === undefined ? undefined : grid.cells[pointed];
  const size = Math.max(4, Math.min(28, Math.floor(300 / across)));
  return (
    <figure class="heat">
      <canvas
        ref={canvas}
        width={across}
        height={down}
        style={{
          width: `${Math.min(300, across * size)}px`,
          height: `${Math.min(300, down * size)}px`,
        }}
        role="img"
        aria-label={label}
        onMouseMove={point}
        onMouseLeave={() => setPointed(undefined)}
      />
      <figcaption>
        <span class={`scale ${scale.kind}`} aria-hidden="true" />
        <span class="ends">
          <span>{shortNumber(scale.low)}</span>
          <span>{shortNumber(scale.high)}</span>
        </span>
        <span class="pointed">
          {cell === undefined || pointed === undefined
            ? " "
            : `${placeText(grid, Math.floor(pointed / grid.columns), pointed % grid.columns)} ${shortNumber(cell)}`}
        </span>
      </figcaption>
    </figure>
  );
}

/** `min -1, mean 0.2, max 3, 2 NaN`. */
export function summaryOf({ min, mean, max, nans, infinities, grid }: ValueData): string {
  if (grid.cells.length === 1 && grid.rowStep === 1) return shortNumber(grid.cells[0]);
  const numbers = `min ${shortNumber(min)}, mean ${shortNumber(mean)}, max ${shortNumber(max)}`;
  const warnings = [
    ...(nans === 0 ? [] : [`${nans} NaN`]),
    ...(infinities === 0
      ? []
      : [plural(infinities, "infinity").replace("infinitys", "infinities")]),
  ];
  return [numbers, ...warnings].join(", ");
}

/** What an array holds, as numbers or as a heat map. */
export function ValueView({
  value,
  label,
}: {
  readonly value: ValueData;
  readonly label: string;
}): JSX.Element {
  const { grid, nans, infinities } = value;
  const isSmall = grid.columns <= fewColumns && grid.cells.length <= fewCells;
  const [wanted, setWanted] = useState<"numbers" | "heat">();
  const shown = wanted ?? (isSmall ? "numbers" : "heat");
  if (grid.cells.length === 0) return <p class="note">no elements</p>;
  if (grid.cells.length === 1 && grid.rowStep * grid.columnStep === 1) {
    return <p class="scalar">{shortNumber(grid.cells[0])}</p>;
  }
  return (
    <div class="value">
      <div class="valuehead">
        <span>{summaryOf(value)}</span>
        {nans + infinities > 0 && <strong class="warning">⚠ not finite</strong>}
        <button
          type="button"
          class="small"
          onClick={() => setWanted(shown === "heat" ? "numbers" : "heat")}
        >
          {shown === "heat" ? "as numbers" : "as heat map"}
        </button>
      </div>
      {shown === "heat" ? (
        <HeatMap grid={grid} label={`${label}: ${summaryOf(value)}`} />
      ) : (
        <Numbers grid={grid} label={label} />
      )}
      {grid.rowStep * grid.columnStep > 1 && (
        <p class="note">
          A sample: every {plural(grid.rowStep, "row")}, {plural(grid.columnStep, "column")}.
        </p>
      )}
    </div>
  );
}
