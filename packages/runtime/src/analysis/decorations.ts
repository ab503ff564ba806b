import type { Decoration, Graph, NodeId, RowMarks } from "@adjoint/graph";
import type { GraphCosts, NodeCost } from "./graphCosts.js";
import { formatBytes, formatMilliseconds, formatQuantity, formatSummary } from "./formatValues.js";
import type { Observation } from "./observe.js";
import { summarize } from "./summarize.js";

/** What `costDecoration` shows. */
export const costKinds = ["flops", "bytes", "peak", "saved"] as const;
export type CostKind = (typeof costKinds)[number];

const costTexts: { readonly [K in CostKind]: (cost: NodeCost) => string | undefined } = {
  flops: ({ flops }) => `${formatQuantity(flops)} flops`,
  bytes: ({ bytes }) => `${formatBytes(bytes)} moved`,
  peak: ({ live }) => `${formatBytes(live)} held`,
  saved: ({ saved }) => (saved === 0 ? undefined : `${formatBytes(saved)} saved`),
};

const sumTexts: { readonly [K in CostKind]: (costs: readonly NodeCost[]) => string } = {
  flops: (costs) => `${formatQuantity(sumOf(costs, "flops"))} flops`,
  bytes: (costs) => `${formatBytes(sumOf(costs, "bytes"))} moved`,
  peak: (costs) => `${formatBytes(Math.max(0, ...costs.map(({ live }) => live)))} held`,
  saved: (costs) => `${formatBytes(sumOf(costs, "saved"))} saved`,
};

function sumOf(costs: readonly NodeCost[], name: "flops" | "bytes" | "saved"): number {
  return costs.reduce((sum, cost) => sum + cost[name], 0);
}

/** Rows of one graph by id, nothing for rows of other graphs. */
function decorationOf(
  graph: Graph,
  row: (id: NodeId) => RowMarks | undefined,
  group?: (ids: readonly NodeId[]) => RowMarks | undefined,
): Decoration {
  return {
    row: (one, id) => (one === graph ? row(id) : undefined),
    group: (one, ids) => (one === graph ? group?.(ids) : undefined),
  };
}

/** The costs of each node of `graph`, as lines below rows; sums for rows shown as one. */
export function costDecoration(
  graph: Graph,
  costs: GraphCosts,
  kinds: readonly CostKind[] = costKinds,
): Decoration {
  const byNode = new Map(costs.nodes.map((cost) => [cost.node, cost]));
  return decorationOf(
    graph,
    (id) => {
      const cost = byNode.get(id);
      if (cost === undefined) return undefined;
      return { lines: [kinds.flatMap((kind) => costTexts[kind](cost) ?? []).join(", ")] };
    },
    (ids) => {
      const found = ids.flatMap((id) => byNode.get(id) ?? []);
      return { lines: [kinds.map((kind) => sumTexts[kind](found)).join(", ")] };
    },
  );
}

/** What each row gave: small arrays in full, others as least, mean and greatest element. */
export function valueDecoration({ graph, rows }: Observation): Decoration {
  const lines = new Map(
    rows.map(({ row, results }) => [row, results.map((one) => formatSummary(summarize(one)))]),
  );
  return decorationOf(graph, (id) => ({ lines: lines.get(id) }));
}

/** Light to dark, with black text readable on each: sequential YlOrBr of ColorBrewer, four classes. */
const heat = ["#FFFFD4", "#FED98E", "#FE9929"] as const;

/** A colour for what takes this share of the time; none for little. */
export function heatOf(share: number): string | undefined {
  if (share >= 0.3) return heat[2];
  if (share >= 0.1) return heat[1];
  return share >= 0.03 ? heat[0] : undefined;
}

/** The time of each node and its share of the whole; the dearest are coloured. */
export function profileDecoration({ graph, rows }: Observation): Decoration {
  const times = new Map(rows.map(({ row, milliseconds }) => [row, milliseconds]));
  const total = rows.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const marks = (milliseconds: number): RowMarks => {
    const share = total === 0 ? 0 : milliseconds / total;
    const percent = `${(100 * share).toFixed(1)} %`;
    return { lines: [`${formatMilliseconds(milliseconds)}, ${percent}`], fill: heatOf(share) };
  };
  return decorationOf(
    graph,
    (id) => {
      const time = graph.nodes[id] === undefined ? undefined : times.get(id);
      return time === undefined ? undefined : marks(time);
    },
    (ids) => marks(ids.reduce((sum, id) => sum + (times.get(id) ?? 0), 0)),
  );
}
