import { instance, type Viz } from "@viz-js/viz";
import { useEffect, useMemo, useState } from "preact/hooks";
import { boxOfRows, groupRows, type Member, openGroups, visibleMembers } from "./boxes.js";
import { type Drawing, drawGraph } from "./drawing.js";
import type { GraphModel } from "./model.js";
import type { Said } from "./store.js";

const loading = instance();

/** Graphviz, once it is there. */
function useViz(): Viz | undefined {
  const [viz, setViz] = useState<Viz>();
  useEffect(() => {
    let isWanted = true;
    void loading.then((loaded) => {
      if (isWanted) setViz(() => loaded);
    });
    return () => {
      isWanted = false;
    };
  }, []);
  return viz;
}

export interface Drawn {
  readonly members: readonly Member[];
  readonly open: ReadonlySet<string>;
  /** The box that each row is drawn in. */
  readonly boxes: ReadonlyMap<number, string>;
  readonly drawing: Drawing | undefined;
  /** Why there is no drawing. */
  readonly problem: string | undefined;
}

/** Layouts by what is drawn: going back and forth between stages costs nothing. */
const layouts = new WeakMap<GraphModel, Map<string, Drawing>>();

function layoutOf(
  viz: Viz,
  model: GraphModel,
  members: readonly Member[],
  open: ReadonlySet<string>,
): Drawing {
  const known = layouts.get(model) ?? new Map<string, Drawing>();
  layouts.set(model, known);
  const key = [...open].join("\n");
  const drawing = known.get(key) ?? drawGraph(viz, model, visibleMembers(members, open));
  known.set(key, drawing);
  return drawing;
}

/** The drawing of a graph with some groups opened or closed by the user. */
export function useDrawing(model: GraphModel, said: Said): Drawn {
  const viz = useViz();
  const members = useMemo(() => groupRows(model), [model]);
  const open = useMemo(() => openGroups(members, said), [members, said]);
  return useMemo(() => {
    const boxes = boxOfRows(visibleMembers(members, open));
    const parts = { members, open, boxes };
    if (viz === undefined) return { ...parts, drawing: undefined, problem: undefined };
    try {
      return { ...parts, drawing: layoutOf(viz, model, members, open), problem: undefined };
    } catch (error) {
      return { ...parts, drawing: undefined, problem: String(error) };
    }
  }, [viz, members, open]);
}
