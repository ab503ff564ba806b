import type { Graph as VizGraph, Viz } from "@viz-js/viz";
import type { Row } from "../session/session.js";
import type { VisibleMember } from "./boxes.js";
import { boxOfRows } from "./boxes.js";
import type { GraphModel } from "./model.js";

/** A box as it is drawn; sizes in pixels at scale 1. */
export interface Box {
  readonly key: string;
  readonly content:
    | { readonly kind: "row"; readonly row: Row }
    | {
        readonly kind: "group";
        readonly label: string;
        readonly rows: readonly number[];
        readonly group: string;
      }
    | { readonly kind: "output"; readonly name: string; readonly row: number };
  readonly title: string;
  readonly subtitle: string;
  readonly width: number;
  readonly height: number;
}

/** A box in its place: `x`, `y` its middle. */
export interface PlacedBox extends Box {
  readonly x: number;
  readonly y: number;
}

export interface Frame {
  readonly key: string;
  readonly label: string;
  readonly group: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Edge {
  readonly key: string;
  readonly from: string;
  readonly to: string;
  readonly path: string;
  /** How many values go this way, between groups. */
  readonly count: number;
}

export interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly PlacedBox[];
  readonly frames: readonly Frame[];
  readonly edges: readonly Edge[];
}

const pointsPerInch = 72;
/** Of the monospaced letters in boxes, in pixels. */
const letter = { title: 7.9, subtitle: 6.7 };
const padding = 26;

function widthOf(title: string, subtitle: string): number {
  const text = Math.max(title.length * letter.title, subtitle.length * letter.subtitle);
  return Math.max(56, Math.ceil(text) + padding);
}

function shortened(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

/** `mul(·, 2)` where an operand is a number, `mul` elsewhere. */
function titleOf(model: GraphModel, row: Row): string {
  if (row.kind !== "node") return shortened(row.name, 28);
  const numbers = row.inputs.map(([id]) => model.byId.get(id)?.literal);
  if (row.literal !== undefined) return row.literal;
  if (numbers.every((one) => one === undefined)) return row.name;
  return shortened(`${row.name}(${numbers.map((one) => one ?? "·").join(", ")})`, 28);
}

function rowBox(model: GraphModel, key: string, row: Row): Box {
  const title = titleOf(model, row);
  const [type = ""] = row.types;
  const more = row.types.length > 1 ? ` +${row.types.length - 1}` : "";
  const subtitle = shortened(`${type}${more}`, 32);
  const width = widthOf(title, subtitle);
  return { key, content: { kind: "row", row }, title, subtitle, width, height: 42 };
}

function groupBox(key: string, label: string, rows: readonly number[], group: string): Box {
  const title = shortened(label, 40);
  const subtitle = `${rows.length} rows, %${rows[0]} to %${rows.at(-1)}`;
  const width = widthOf(title, subtitle) + 18;
  return {
    key,
    content: { kind: "group", label, rows, group },
    title,
    subtitle,
    width,
    height: 46,
  };
}

function outputBox(name: string, row: number): Box {
  const title = shortened(name, 28);
  const content = { kind: "output", name, row } as const;
  return {
    key: `output ${name}`,
    content,
    title,
    subtitle: "",
    width: widthOf(title, ""),
    height: 26,
  };
}

/** Boxes, frames and edges before they have a place. */
interface Plan {
  readonly boxes: Map<string, Box>;
  readonly frames: Map<string, { readonly label: string; readonly group: string }>;
  readonly edges: Map<string, { readonly from: string; readonly to: string; count: number }>;
}

type Subgraph = Pick<VizGraph, "nodes" | "subgraphs">;

function vizNode({ key, width, height }: Box) {
  return {
    name: key,
    attributes: { width: width / pointsPerInch, height: height / pointsPerInch },
  };
}

function vizMembers(model: GraphModel, members: readonly VisibleMember[], plan: Plan): Subgraph {
  const nodes: { name: string; attributes: { width: number; height: number } }[] = [];
  const subgraphs: NonNullable<VizGraph["subgraphs"]> = [];
  for (const member of members) {
    if (member.kind === "frame") {
      const name = `cluster_${plan.frames.size}`;
      plan.frames.set(name, { label: member.group.label, group: member.group.key });
      const inside = vizMembers(model, member.members, plan);
      subgraphs.push({ name, graphAttributes: { margin: 14, label: " " }, ...inside });
      continue;
    }
    const box =
      member.kind === "row"
        ? rowBox(model, member.key, member.row)
        : groupBox(member.key, member.group.label, member.group.rows, member.group.key);
    plan.boxes.set(box.key, box);
    nodes.push(vizNode(box));
  }
  return { nodes, subgraphs };
}

function addEdges(model: GraphModel, boxes: ReadonlyMap<number, string>, plan: Plan): void {
  const add = (from: string, to: string): void => {
    const key = `${from} > ${to}`;
    const known = plan.edges.get(key);
    if (known === undefined) plan.edges.set(key, { from, to, count: 1 });
    else known.count++;
  };
  for (const { id, inputs } of model.rows) {
    const to = boxes.get(id);
    for (const [source] of inputs) {
      const from = boxes.get(source);
      if (from !== undefined && to !== undefined && from !== to) add(from, to);
    }
  }
  for (const [id, names] of model.outputs) {
    const from = boxes.get(id);
    for (const name of names) {
      const box = outputBox(name, id);
      plan.boxes.set(box.key, box);
      if (from !== undefined) add(from, box.key);
    }
  }
}

/** Graphviz's JSON, as far as it is read here. */
interface Laid {
  readonly bb: string;
  readonly objects?: readonly {
    readonly name: string;
    readonly pos?: string;
    readonly bb?: string;
  }[];
  readonly edges?: readonly {
    readonly tail: number;
    readonly head: number;
    readonly pos?: string;
  }[];
}

function numbersIn(text: string): number[] {
  return text.split(/[ ,]/).map(Number);
}

/** `e,x,y x,y x,y …` as an SVG path: a spline, then the tip. */
function pathOf(pos: string): string {
  const parts = pos.split(" ");
  const tip = parts.find((part) => part.startsWith("e,"))?.slice(2);
  const [start, ...rest] = parts.filter((part) => !/^[es],/.test(part));
  const end = tip === undefined ? "" : ` L${tip}`;
  return `M${start} C${rest.join(" ")}${end}`;
}

/** Where Graphviz puts what is drawn of a graph. */
export function drawGraph(viz: Viz, model: GraphModel, members: readonly VisibleMember[]): Drawing {
  const plan: Plan = { boxes: new Map(), frames: new Map(), edges: new Map() };
  const body = vizMembers(model, members, plan);
  addEdges(model, boxOfRows(members), plan);
  const outputs = [...plan.boxes.values()].filter(({ content }) => content.kind === "output");
  const isLarge = plan.boxes.size > 400;
  const graph: VizGraph = {
    ...body,
    nodes: [...(body.nodes ?? []), ...outputs.map(vizNode)],
    edges: [...plan.edges.values()].map(({ from, to }) => ({ tail: from, head: to })),
    graphAttributes: {
      nodesep: 0.28,
      ranksep: 0.42,
      // Exact splines and ranks of large graphs take seconds.
      ...(isLarge ? { splines: "polyline", nslimit: 2, mclimit: 0.5 } : {}),
    },
    nodeAttributes: { shape: "box", fixedsize: true, label: "" },
    edgeAttributes: { arrowsize: 0.6 },
  };
  const laid: Laid = JSON.parse(viz.renderString(graph, { yInvert: true, format: "json0" }));
  return place(laid, plan);
}

function place({ bb, objects = [], edges = [] }: Laid, plan: Plan): Drawing {
  const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = numbersIn(bb);
  const [width, height] = [Math.abs(x1 - x0), Math.abs(y1 - y0)];
  const boxes: PlacedBox[] = [];
  const frames: Frame[] = [];
  for (const { name, pos, bb: area } of objects) {
    const box = plan.boxes.get(name);
    if (box !== undefined && pos !== undefined) {
      const [x = 0, y = 0] = numbersIn(pos);
      boxes.push({ ...box, x, y });
    }
    const frame = plan.frames.get(name);
    if (frame !== undefined && area !== undefined) {
      const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = numbersIn(area);
      frames.push({
        key: name,
        ...frame,
        x: Math.min(x0, x1),
        y: Math.min(y0, y1),
        width: Math.abs(x1 - x0),
        height: Math.abs(y1 - y0),
      });
    }
  }
  const drawn = edges.flatMap(({ tail, head, pos }): Edge[] => {
    const [from, to] = [objects[tail]?.name ?? "", objects[head]?.name ?? ""];
    const key = `${from} > ${to}`;
    return pos === undefined
      ? []
      : [{ key, from, to, path: pathOf(pos), count: plan.edges.get(key)?.count ?? 1 }];
  });
  return { width, height, boxes, frames, edges: drawn };
}
