import {
  type Decoration,
  type DrawnRow,
  type Drawing,
  draw,
  type PathStep,
  type Printable,
  rowStatement,
} from "@adjoint/graph";

/** A box around rows: a scope, a body, a run of rows. */
export interface PageCluster {
  /** Position of the box around it; -1 for none. */
  readonly parent: number;
  readonly label: string;
}

/** A drawing as a page holds it. Positions instead of names, as there may be many thousands. */
export interface PageModel {
  readonly name: string;
  readonly caption: string;
  readonly direction: "TB" | "LR";
  /** How many rows the page lays out at a time. */
  readonly limit: number;
  readonly clusters: readonly PageCluster[];
  /** Statements of DOT, with the position of the cluster that each lies in; -1 for none. */
  readonly rows: readonly (readonly [string, number])[];
  readonly labels: readonly string[];
  /** From row, to row, label, 1 where dashed. */
  readonly edges: readonly (readonly [number, number, number, 0 | 1])[];
}

/** Members that a box shows at most, if it can be divided. */
const crowd = 100;

/** Positions for texts, each once. */
class Names<K> {
  readonly list: K[] = [];
  private readonly places = new Map<string, number>();

  place(key: string, make: () => K): number {
    const known = this.places.get(key);
    if (known !== undefined) return known;
    this.places.set(key, this.list.length);
    return this.list.push(make()) - 1;
  }
}

/** A member of a box: a row, or a box. */
interface Member {
  readonly kind: "row" | "cluster";
  readonly at: number;
  readonly name: string;
}

/** Rows and boxes in the making. */
class ModelMaker {
  readonly clusters: { parent: number; label: string }[] = [];
  readonly rows: [string, number][] = [];
  private readonly places = new Map<string, number>();

  add(row: DrawnRow, path: readonly PathStep[]): void {
    let parent = -1;
    for (const { key, label } of path) parent = this.cluster(parent, key, label);
    this.rows.push([rowStatement(row), parent]);
  }

  /** Puts members of crowded boxes into boxes of their own, of runs in order, again and again. */
  divide(): void {
    for (const [parent, members] of this.members()) {
      if (members.length > crowd) this.divideOne(parent, members);
    }
  }

  private members(): Map<number, Member[]> {
    const all = new Map<number, Member[]>();
    const add = (parent: number, member: Member) => {
      const known = all.get(parent);
      if (known === undefined) all.set(parent, [member]);
      else known.push(member);
    };
    this.rows.forEach(([statement, parent], at) => {
      add(parent, { kind: "row", at, name: statement.slice(0, statement.indexOf(" ")) });
    });
    this.clusters.forEach(({ parent, label }, at) => {
      add(parent, { kind: "cluster", at, name: label });
    });
    return all;
  }

  private divideOne(parent: number, members: readonly Member[]): void {
    let level = members;
    while (level.length > crowd) {
      const next: Member[] = [];
      for (let start = 0; start < level.length; start += crowd) {
        const run = level.slice(start, start + crowd);
        const label = `${run[0]?.name} … ${run.at(-1)?.name.split(" … ").at(-1)}`;
        const at = this.clusters.push({ parent, label }) - 1;
        for (const member of run) this.move(member, at);
        next.push({ kind: "cluster", at, name: label });
      }
      level = next;
    }
  }

  private move({ kind, at }: Member, parent: number): void {
    const row = this.rows[at];
    const cluster = this.clusters[at];
    if (kind === "row" && row !== undefined) row[1] = parent;
    if (kind === "cluster" && cluster !== undefined) cluster.parent = parent;
  }

  private cluster(parent: number, key: string, label: string): number {
    const place = `${parent} ${key}`;
    const known = this.places.get(place);
    if (known !== undefined) return known;
    const at = this.clusters.push({ parent, label }) - 1;
    this.places.set(place, at);
    return at;
  }
}

/** Settings of a page. */
export interface PageOptions {
  readonly decoration: Decoration | undefined;
  readonly direction: "down" | "right";
  readonly maxRows: number;
}

function rowsOf({ panels }: Drawing): ModelMaker {
  const maker = new ModelMaker();
  for (const { title, rows } of panels) {
    const panel = title === "" ? [] : [{ key: title, label: title }];
    for (const row of rows) maker.add(row, [...panel, ...row.path]);
  }
  return maker;
}

/** What a page shows of a subject. Boxes with very many members are divided where the page can't show all rows. */
export function pageModel(subject: Printable, options: PageOptions): PageModel {
  const drawing = draw(subject, options.decoration);
  const maker = rowsOf(drawing);
  const isLarge = maker.rows.length > options.maxRows;
  if (isLarge) maker.divide();
  const places = new Map<string, number>();
  for (const [statement] of maker.rows) {
    places.set(statement.slice(0, statement.indexOf(" ")), places.size);
  }
  const labels = new Names<string>();
  const edges = drawing.edges.flatMap(({ from, to, label, isDashed }) => {
    const [source, target] = [places.get(from), places.get(to)];
    if (source === undefined || target === undefined) return [];
    const text = labels.place(label, () => label);
    return [[source, target, text, isDashed ? 1 : 0] as const];
  });
  return {
    name: drawing.name,
    caption: isLarge
      ? `${maker.rows.length} rows are too many to lay out at once: scopes and runs of rows are folded, click one to open it`
      : "",
    direction: options.direction === "down" ? "TB" : "LR",
    limit: options.maxRows,
    clusters: maker.clusters,
    rows: maker.rows,
    labels: labels.list,
    edges,
  };
}
