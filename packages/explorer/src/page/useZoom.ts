import { select } from "d3-selection";
import {
  type D3ZoomEvent,
  zoom,
  type ZoomBehavior,
  zoomIdentity,
  type ZoomTransform,
} from "d3-zoom";
import type { RefObject } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Drawing } from "./drawing.js";

/** A drawing is shown no smaller than this at first, so that it can be read; it may not fit then. */
const legible = 0.62;
const margin = 18;

export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Zoom {
  readonly transform: ZoomTransform;
  scaleBy(factor: number): void;
  panBy(x: number, y: number): void;
  /** Shows the whole drawing. */
  fit(): void;
  /** Brings an area into view if it is not. */
  reveal(area: Area): void;
}

type Behavior = ZoomBehavior<SVGSVGElement, unknown>;

function fitted(element: SVGSVGElement, { width, height }: Drawing, least: number): ZoomTransform {
  const { clientWidth, clientHeight } = element;
  const scale = Math.max(
    least,
    Math.min(1, (clientWidth - 2 * margin) / width, (clientHeight - 2 * margin) / height),
  );
  const x = (clientWidth - width * scale) / 2;
  const y = Math.max(margin, (clientHeight - height * scale) / 2);
  return zoomIdentity.translate(x, y).scale(scale);
}

/** Pan and zoom of a drawing by mouse, touch and, through what is returned, by keyboard. */
export function useZoom(svg: RefObject<SVGSVGElement | null>, drawing: Drawing | undefined): Zoom {
  const [transform, setTransform] = useState(zoomIdentity);
  const behavior = useRef<Behavior>(undefined);
  const isPlaced = useRef(false);
  useEffect(() => {
    if (svg.current === null) return undefined;
    const made: Behavior = zoom<SVGSVGElement, unknown>()
      .scaleExtent([0.02, 4])
      .clickDistance(4)
      .on("zoom", (event: D3ZoomEvent<SVGSVGElement, unknown>) => setTransform(event.transform));
    behavior.current = made;
    const selection = select(svg.current);
    selection.call(made).on("dblclick.zoom", null);
    return () => {
      selection.on(".zoom", null);
    };
  }, []);
  const set = (to: (element: SVGSVGElement, behavior: Behavior) => void): void => {
    if (svg.current !== null && behavior.current !== undefined) to(svg.current, behavior.current);
  };
  useEffect(() => {
    if (drawing === undefined || isPlaced.current) return;
    isPlaced.current = true;
    set((element, made) => {
      select(element).call(made.transform, fitted(element, drawing, legible));
    });
  }, [drawing]);
  return useMemo(
    () => ({
      transform,
      scaleBy: (factor) => set((element, made) => select(element).call(made.scaleBy, factor)),
      panBy: (x, y) =>
        set((element, made) =>
          select(element).call(made.translateBy, x / transform.k, y / transform.k),
        ),
      fit: () =>
        set((element, made) => {
          if (drawing !== undefined)
            select(element).call(made.transform, fitted(element, drawing, 0));
        }),
      reveal: (area) => set((element, made) => reveal(element, made, transform, area)),
    }),
    [transform, drawing],
  );
}

function reveal(
  element: SVGSVGElement,
  made: Behavior,
  transform: ZoomTransform,
  area: Area,
): void {
  const [left, top] = transform.apply([area.x, area.y]);
  const [right, bottom] = transform.apply([area.x + area.width, area.y + area.height]);
  const isShown =
    left >= 0 && top >= 0 && right <= element.clientWidth && bottom <= element.clientHeight;
  if (isShown && transform.k >= 0.3) return;
  const selection = select(element);
  if (transform.k < 0.3) selection.call(made.scaleTo, legible);
  selection.call(made.translateTo, area.x + area.width / 2, area.y + area.height / 2);
}
