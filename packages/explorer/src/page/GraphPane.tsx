import type { JSX, RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { OperatorData, Side } from "../session/session.js";
import { groupsAround, mostBoxes } from "./boxes.js";
import { BoxView, type Mark } from "./BoxView.js";
import type { Drawing, PlacedBox } from "./drawing.js";
import type { GraphModel, RowRef } from "./model.js";
import { type Direction, neighbour } from "./neighbour.js";
import { plural } from "./numbers.js";
import type { Dispatch } from "./store.js";
import type { Drawn } from "./useDrawing.js";
import { useZoom, type Zoom } from "./useZoom.js";

export interface PaneProps {
  readonly model: GraphModel;
  readonly title: string;
  readonly operators: { readonly [op: string]: OperatorData };
  readonly drawn: Drawn;
  readonly selected: RowRef | undefined;
  /** How rows stand out, by row. */
  readonly marks: ReadonlyMap<number, Mark>;
  /** Text below a box, by row. */
  readonly notes?: ReadonlyMap<number, string> | undefined;
  readonly reveals: number;
  /** True while rows are chosen by keyboard: the focus goes along with the selection then. */
  readonly keys: RefObject<boolean>;
  readonly dispatch: Dispatch;
  /** The drawing has moved. */
  onMove(): void;
  onCounterpart(ref: RowRef): void;
}

/** The strongest mark among the rows of a box. */
const ranks: readonly Mark[] = ["selected", "counterpart", "saved", "near"];

function marksOfBoxes(
  boxes: ReadonlyMap<number, string>,
  marks: ReadonlyMap<number, Mark>,
): Map<string, Mark> {
  const found = new Map<string, Mark>();
  for (const mark of ranks) {
    for (const [id, one] of marks) {
      const key = one === mark ? boxes.get(id) : undefined;
      if (key !== undefined && !found.has(key)) found.set(key, mark);
    }
  }
  return found;
}

function areaOf({ x, y, width, height }: PlacedBox) {
  return { x: x - width / 2, y: y - height / 2, width, height };
}

const arrows: { readonly [key: string]: Direction } = {
  ArrowUp: "up",
  ArrowDown: "down",
  ArrowLeft: "left",
  ArrowRight: "right",
};

/** The row that a box stands for: a group by its first one. */
function rowOf({ content }: PlacedBox): number | undefined {
  if (content.kind === "row") return content.row.id;
  return content.kind === "group" ? content.rows[0] : content.row;
}

function Controls({ zoom, side }: { readonly zoom: Zoom; readonly side: Side }): JSX.Element {
  const label = (text: string) => `${text} the ${side} graph`;
  return (
    <div class="controls">
      <button type="button" onClick={() => zoom.scaleBy(1 / 1.3)} aria-label={label("zoom out of")}>
        −
      </button>
      <button type="button" onClick={() => zoom.scaleBy(1.3)} aria-label={label("zoom into")}>
        +
      </button>
      <button type="button" onClick={() => zoom.fit()} aria-label={label("fit")}>
        Fit
      </button>
    </div>
  );
}

function Edges({
  drawing,
  side,
  active,
}: {
  readonly drawing: Drawing;
  readonly side: Side;
  readonly active: string | undefined;
}): JSX.Element {
  return (
    <g>
      {drawing.edges.map(({ key, path, from, to, count }) => {
        const isActive = active !== undefined && (from === active || to === active);
        return (
          <path
            key={key}
            d={path}
            class={isActive ? "edge active" : "edge"}
            stroke-width={count > 1 ? Math.min(4, 1.2 + Math.log2(count) / 2) : undefined}
            marker-end={`url(#${side}-${isActive ? "active" : "plain"})`}
          />
        );
      })}
    </g>
  );
}

function Markers({ side }: { readonly side: Side }): JSX.Element {
  return (
    <defs>
      {["plain", "active"].map((kind) => (
        <marker
          key={kind}
          id={`${side}-${kind}`}
          class={`tip ${kind}`}
          viewBox="0 0 8 8"
          refX="7"
          refY="4"
          markerWidth="7"
          markerHeight="7"
          markerUnits="userSpaceOnUse"
          orient="auto"
        >
          <path d="M0 0.8 L8 4 L0 7.2 z" />
        </marker>
      ))}
    </defs>
  );
}

/** One graph, to be looked at and walked through. */
export function GraphPane(props: PaneProps): JSX.Element {
  const { model, title, drawn, selected, marks, notes, dispatch, operators } = props;
  const { side } = model;
  const svg = useRef<SVGSVGElement>(null);
  const { members, open, boxes, drawing, problem } = drawn;
  const zoom = useZoom(svg, drawing);
  const boxMarks = marksOfBoxes(boxes, marks);
  const mine = selected?.side === side ? boxes.get(selected.id) : undefined;
  const active = mine ?? [...boxMarks].find(([, mark]) => mark === "counterpart")?.[0];
  const current = drawing?.boxes.find(({ key }) => key === mine);

  useEffect(props.onMove, [zoom.transform, drawing]);
  useEffect(() => {
    const shown = drawing?.boxes.find(({ key }) => key === active);
    if (shown !== undefined) zoom.reveal(areaOf(shown));
  }, [active, drawing, props.reveals]);
  useEffect(() => {
    if (selected?.side !== side || props.keys.current !== true) return;
    svg.current?.querySelector<SVGGElement>(`[data-box="${mine}"]`)?.focus({ preventScroll: true });
  }, [mine, drawing]);

  const toggle = (group: string): void =>
    dispatch({ kind: "open", side, groups: [group], open: !open.has(group) });
  const select = (box: PlacedBox): void => {
    const id = rowOf(box);
    if (id !== undefined) dispatch({ kind: "select", ref: { side, id } });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    props.keys.current = true;
    if (drawing === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const direction = arrows[event.key];
    if (direction !== undefined && event.shiftKey) {
      const step = 60;
      zoom.panBy(
        direction === "left" ? step : direction === "right" ? -step : 0,
        direction === "up" ? step : direction === "down" ? -step : 0,
      );
    } else if (direction !== undefined) {
      const next =
        current === undefined ? drawing.boxes[0] : neighbour(drawing, current, direction);
      if (next !== undefined) select(next);
    } else if (event.key === "Enter" || event.key === " ") {
      if (current?.content.kind === "group") toggle(current.content.group);
      else if (current === undefined && drawing.boxes[0] !== undefined) select(drawing.boxes[0]);
    } else if (event.key === "Backspace") {
      const around = selected === undefined ? [] : groupsAround(members, selected.id);
      const inner = around.filter((key) => open.has(key)).at(-1);
      if (inner !== undefined) toggle(inner);
    } else if (event.key === "c" && selected?.side === side) props.onCounterpart(selected);
    else if (event.key === "+") zoom.scaleBy(1.3);
    else if (event.key === "-") zoom.scaleBy(1 / 1.3);
    else if (event.key === "0") zoom.fit();
    else return;
    event.preventDefault();
  };
  const first = mine ?? drawing?.boxes[0]?.key;
  const nodes = model.rows.filter(({ kind }) => kind === "node").length;
  const isFull = (drawing?.boxes.length ?? 0) >= mostBoxes;
  return (
    <section class="pane" aria-label={`${title} graph`}>
      <header>
        <h2>{title}</h2>
        <span class="count">{plural(nodes, "node")}</span>
        {isFull && <span class="count">nothing more opens: close a group first</span>}
        <Controls zoom={zoom} side={side} />
      </header>
      {/* biome-ignore lint/a11y/useSemanticElements: a drawing has no fields */}
      <svg
        ref={svg}
        class="graph"
        data-side={side}
        role="group"
        aria-label={`${title} graph`}
        onKeyDown={onKeyDown}
        onPointerDown={() => {
          props.keys.current = false;
        }}
      >
        <Markers side={side} />
        <g transform={String(zoom.transform)}>
          {drawing?.frames.map(({ key, label, group, x, y, width, height }) => (
            // biome-ignore lint/a11y/useSemanticElements: a drawing has no HTML buttons
            <g
              key={key}
              class="frame"
              role="button"
              tabindex={-1}
              aria-label={`close ${label}`}
              onClick={() => toggle(group)}
            >
              <rect x={x} y={y} width={width} height={height} rx={10} />
              <text x={x + 10} y={y + 15}>{`− ${label}`}</text>
            </g>
          ))}
          {drawing !== undefined && <Edges drawing={drawing} side={side} active={active} />}
          {[...(notes ?? [])].map(([id, note]) => {
            const box = drawing?.boxes.find(({ key }) => key === boxes.get(id));
            if (box?.content.kind !== "row") return null;
            return (
              <text key={id} class="note" x={box.x} y={box.y + box.height / 2 + 14}>
                {note}
              </text>
            );
          })}
          {drawing?.boxes.map((box) => (
            <BoxView
              key={box.key}
              box={box}
              model={model}
              operators={operators}
              mark={boxMarks.get(box.key)}
              note={box.content.kind === "row" ? notes?.get(box.content.row.id) : undefined}
              tabbable={box.key === first}
              onSelect={() => select(box)}
              onToggle={toggle}
              onHover={(isOver) => {
                const id = rowOf(box);
                dispatch({
                  kind: "hover",
                  ref: isOver && id !== undefined ? { side, id } : undefined,
                });
              }}
            />
          ))}
        </g>
      </svg>
      {drawing === undefined && <p class="empty">{problem ?? "Drawing …"}</p>}
      {drawing?.boxes.length === 0 && <p class="empty">This graph is empty.</p>}
    </section>
  );
}
