import type { JSX } from "preact";
import { memo } from "preact/compat";
import type { OperatorData, Row } from "../session/session.js";
import type { PlacedBox } from "./drawing.js";
import { describeRow, type GraphModel } from "./model.js";

/** How a row stands out. */
export type Mark = "selected" | "counterpart" | "saved" | "near";

/** Families of kernels that look alike. */
const families: { readonly [kind: string]: string } = {
  map: "map",
  reduce: "reduce",
  contract: "product",
  window: "product",
  linalg: "product",
  view: "index",
  pack: "index",
  index: "index",
  order: "index",
  random: "misc",
  call: "misc",
  composite: "composite",
};

export const familyNames = [
  ["map", "elementwise"],
  ["reduce", "reduction"],
  ["product", "product"],
  ["index", "re-indexing"],
  ["composite", "composite"],
  ["misc", "random, call"],
] as const;

interface BoxProps {
  readonly box: PlacedBox;
  readonly model: GraphModel;
  readonly operators: { readonly [op: string]: OperatorData };
  readonly mark: Mark | undefined;
  readonly note: string | undefined;
  readonly tabbable: boolean;
  onSelect(): void;
  onToggle(group: string): void;
  onHover(isOver: boolean): void;
}

function familyOf(row: Row, operators: BoxProps["operators"]): string {
  if (row.kind !== "node") return `${row.kind}-input`;
  return families[operators[row.name]?.kind ?? ""] ?? "misc";
}

/** Signs as strokes around a middle: as letters they would be read out. */
const signs = {
  added: "M-4 0H4M0 -4V4",
  removed: "M-4 0H4",
  changed: "M-5 1C-3 -4 -1.5 -2 0 0S3 4 5 -1",
  saved: "M0 -3.5V3M-3 0.5L0 3.5L3 0.5",
};

/** What a box is, for whoever does not see it: first what is written on it, then the rest. */
function labelOf({ box: { content, title, subtitle }, model, note, mark }: BoxProps): string {
  const what = {
    row: () => (content.kind === "row" ? describeRow(model, content.row) : ""),
    group: () => "a closed group",
    output: () => "an output",
  };
  return [
    `${title} ${subtitle}`.trim(),
    what[content.kind](),
    ...(note === undefined ? [] : [note]),
    ...(mark === undefined ? [] : [mark]),
  ].join(", ");
}

function View(props: BoxProps): JSX.Element {
  const { box, model, operators, mark, tabbable, onSelect, onToggle, onHover } = props;
  const { content, x, y, width, height, title, subtitle } = box;
  const row = content.kind === "row" ? content.row : undefined;
  const change = row === undefined ? undefined : model.changes.get(row.id);
  const family = row === undefined ? content.kind : familyOf(row, operators);
  const isInput = row !== undefined && row.kind !== "node";
  const isSaved = row !== undefined && model.saved.has(row.id);
  const [left, top] = [x - width / 2, y - height / 2];
  const radius = isInput ? height / 2 : content.kind === "output" ? 3 : 7;
  const markClass = mark === undefined ? undefined : `mark-${mark}`;
  const classes = ["box", content.kind, family, markClass, change].filter(
    (one) => one !== undefined,
  );
  return (
    // biome-ignore lint/a11y/useSemanticElements: a drawing has no HTML buttons
    <g
      class={classes.join(" ")}
      data-box={box.key}
      data-row={row?.id}
      role="button"
      tabindex={tabbable ? 0 : -1}
      aria-label={labelOf(props)}
      aria-pressed={mark === "selected"}
      onClick={onSelect}
      onDblClick={() => content.kind === "group" && onToggle(content.group)}
      onMouseEnter={() => onHover(true)}
      onMouseLeave={() => onHover(false)}
    >
      {content.kind === "group" && (
        <rect class="behind" x={left + 4} y={top + 4} width={width} height={height} rx={radius} />
      )}
      <rect class="face" x={left} y={top} width={width} height={height} rx={radius} />
      {row?.kind === "node" && (
        <rect class="stripe" x={left + 5} y={top + 8} width={4} height={height - 16} rx={2} />
      )}
      <text class="title" x={x} y={subtitle === "" ? y + 4 : y - 4}>
        {title}
      </text>{" "}
      {subtitle !== "" && (
        <text class="subtitle" x={x} y={y + 12}>
          {subtitle}
        </text>
      )}
      {isSaved && <Sign kind="saved" x={left + width - 4} y={top + 4} />}
      {change !== undefined && <Sign kind={change} x={left + 4} y={top + 4} />}
      {content.kind === "group" && (
        // biome-ignore lint/a11y/noStaticElementInteractions: Enter on the box does the same
        <g
          class="opener"
          onClick={(event) => {
            event.stopPropagation();
            onToggle(content.group);
          }}
        >
          <circle cx={left + width - 13} cy={y} r={8} />
          <path class="stroke" d={signs.added} transform={`translate(${left + width - 13} ${y})`} />
        </g>
      )}
    </g>
  );
}

function Sign({
  kind,
  x,
  y,
}: {
  readonly kind: keyof typeof signs;
  readonly x: number;
  readonly y: number;
}): JSX.Element {
  return (
    <g class={`sign ${kind}`} transform={`translate(${x} ${y})`}>
      <circle r={8} />
      <path class="stroke" d={signs[kind]} />
    </g>
  );
}

/** One box of a drawing. Thousands are drawn; most stay as they are while the selection moves. */
export const BoxView = memo(
  View,
  (before, after) =>
    before.box === after.box &&
    before.mark === after.mark &&
    before.note === after.note &&
    before.tabbable === after.tabbable &&
    before.model === after.model,
);
