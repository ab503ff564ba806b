import type { Drawing, PlacedBox } from "./drawing.js";

export type Direction = "up" | "down" | "left" | "right";

/** Smaller is nearer, with what lies aside counted more. */
function distance(from: PlacedBox, to: PlacedBox, direction: Direction): number {
  const [along, aside] =
    direction === "up" || direction === "down"
      ? [to.y - from.y, to.x - from.x]
      : [to.x - from.x, to.y - from.y];
  const ahead = direction === "up" || direction === "left" ? -along : along;
  return ahead <= 1 ? Number.POSITIVE_INFINITY : ahead + 2 * Math.abs(aside);
}

function nearest(
  from: PlacedBox,
  boxes: readonly PlacedBox[],
  direction: Direction,
): PlacedBox | undefined {
  let found: PlacedBox | undefined;
  let best = Number.POSITIVE_INFINITY;
  for (const box of boxes) {
    const here = distance(from, box, direction);
    if (here >= best) continue;
    [found, best] = [box, here];
  }
  return found;
}

/** The box that an arrow key leads to: up and down along edges where there is one, otherwise what lies there. */
export function neighbour(
  { boxes, edges }: Drawing,
  from: PlacedBox,
  direction: Direction,
): PlacedBox | undefined {
  const linked = new Set(
    edges.flatMap((edge): string[] => {
      if (direction === "up") return edge.to === from.key ? [edge.from] : [];
      if (direction === "down") return edge.from === from.key ? [edge.to] : [];
      return [];
    }),
  );
  const ends = boxes.filter(({ key }) => linked.has(key));
  return nearest(from, ends, direction) ?? nearest(from, boxes, direction);
}
