import type { Row } from "../session/session.js";
import type { GraphModel } from "./model.js";

/** Rows that are shown as one until they are opened: a scope, or a stretch of a long list. */
export interface Group {
  readonly key: string;
  readonly label: string;
  /** `scope`: the user's own block. */
  readonly kind: "scope" | "block";
  readonly members: readonly Member[];
  /** Ids of all rows inside. */
  readonly rows: readonly number[];
}

export type Member = Group | Row;

function isGroup(member: Member): member is Group {
  return "members" in member;
}

/** Members of one group beyond which it is cut into blocks. */
const longList = 64;
/** Boxes that are drawn unless the user opens more. */
const budget = 160;
/** Boxes beyond which nothing opens any more, so that the page stays quick. */
export const mostBoxes = 1200;

interface Draft {
  readonly key: string;
  readonly label: string;
  readonly groups: Map<string, Draft>;
  readonly members: (Draft | Row)[];
}

function draftOf(key: string, label: string): Draft {
  return { key, label, groups: new Map(), members: [] };
}

function inner(draft: Draft, name: string): Draft {
  const known = draft.groups.get(name);
  if (known !== undefined) return known;
  const made = draftOf(draft.key === "" ? name : `${draft.key}/${name}`, name);
  draft.groups.set(name, made);
  draft.members.push(made);
  return made;
}

/** The steps of the scope that an input belongs to: the one that all its readers share. */
function scopeOfReaders(model: GraphModel, { id }: Row): string[] {
  const scopes = (model.readers.get(id) ?? []).map((reader) =>
    stepsOf(model.byId.get(reader)?.scope),
  );
  const [first = [], ...others] = scopes;
  let length = first.length;
  for (const other of others) {
    let same = 0;
    while (same < length && first[same] === other[same]) same++;
    length = same;
  }
  return first.slice(0, length);
}

function stepsOf(scope: string | undefined): string[] {
  return (scope ?? "").split("/").filter((step) => step !== "");
}

function rowsIn(members: readonly Member[]): number[] {
  return members.flatMap((member) => (isGroup(member) ? member.rows : [member.id]));
}

/** `40 mul, 20 add …`. */
function countsOf(model: GraphModel, rows: readonly number[]): string {
  const counts = new Map<string, number>();
  for (const id of rows) {
    const row = model.byId.get(id);
    const name = row?.kind === "node" ? row.name : (row?.kind ?? "");
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const sorted = [...counts].sort((a, b) => b[1] - a[1]);
  const text = sorted.slice(0, 3).map(([name, count]) => `${count} ${name}`);
  return `${text.join(", ")}${sorted.length > 3 ? " …" : ""}`;
}

/** Cuts a long list into blocks of like size, and those into blocks again where there are many. */
function cut(model: GraphModel, key: string, members: readonly Member[]): readonly Member[] {
  if (members.length <= longList) return members;
  const size = Math.ceil(members.length / Math.ceil(members.length / 40));
  const blocks: Group[] = [];
  for (let start = 0; start < members.length; start += size) {
    const part = members.slice(start, start + size);
    const rows = rowsIn(part);
    blocks.push({
      key: `${key}#${part.length}@${rows[0]}`,
      label: countsOf(model, rows),
      kind: "block",
      members: part,
      rows,
    });
  }
  return cut(model, `${key}#`, blocks);
}

function finish(model: GraphModel, draft: Draft): readonly Member[] {
  const members = draft.members.map((member): Member => {
    if (!("groups" in member)) return member;
    const inside = finish(model, member);
    const { key, label } = member;
    return { key, label, kind: "scope", members: inside, rows: rowsIn(inside) };
  });
  return cut(model, draft.key, members);
}

/** Rows in order, each input right before its first reader, so that cutting the list keeps them together. */
function inputsAtReaders({ rows, byId }: GraphModel): Row[] {
  const placed = new Set<Row>();
  for (const row of rows) {
    if (row.kind !== "node") continue;
    for (const [id] of row.inputs) {
      const source = byId.get(id);
      if (source !== undefined && source.kind !== "node") placed.add(source);
    }
    placed.add(row);
  }
  return [...placed, ...rows.filter((row) => !placed.has(row))];
}

/** The rows of a graph in their scopes. Numbers, which are shown at their readers, are left out. */
export function groupRows(model: GraphModel): readonly Member[] {
  const root = draftOf("", "");
  const isLarge = model.rows.length > budget;
  for (const row of isLarge ? inputsAtReaders(model) : model.rows) {
    if (row.literal !== undefined && !model.outputs.has(row.id)) continue;
    const fromReaders = isLarge && row.kind !== "node";
    const steps = fromReaders ? scopeOfReaders(model, row) : stepsOf(row.scope);
    let draft = root;
    for (const step of steps) draft = inner(draft, step);
    draft.members.push(row);
  }
  return finish(model, root);
}

/** What is drawn of a graph. */
export interface Visible {
  readonly members: readonly VisibleMember[];
  /** Opened groups are frames around their members. */
  readonly count: number;
}

export type VisibleMember =
  | { readonly kind: "row"; readonly key: string; readonly row: Row }
  | { readonly kind: "group"; readonly key: string; readonly group: Group }
  | {
      readonly kind: "frame";
      readonly key: string;
      readonly group: Group;
      readonly members: readonly VisibleMember[];
    };

export function rowKey(id: number): string {
  return `row ${id}`;
}

export function groupKey(group: Group): string {
  return `group ${group.key}`;
}

/** Which groups are open: as the user said, otherwise level by level as long as a whole level fits. */
export function openGroups(
  members: readonly Member[],
  said: ReadonlyMap<string, boolean>,
): ReadonlySet<string> {
  const open = new Set<string>();
  let count = members.length;
  let level = members.filter(isGroup);
  while (level.length > 0) {
    const grown = level.reduce((sum, { members: inside }) => sum + inside.length, 0);
    const fits = count + grown <= budget;
    const next: Group[] = [];
    for (const group of level) {
      const isOpen = said.get(group.key) ?? fits;
      if (!isOpen || count + group.members.length > mostBoxes) continue;
      open.add(group.key);
      count += group.members.length;
      next.push(...group.members.filter(isGroup));
    }
    level = next;
  }
  return open;
}

export function visibleMembers(
  members: readonly Member[],
  open: ReadonlySet<string>,
): readonly VisibleMember[] {
  return members.map((member): VisibleMember => {
    if (!isGroup(member)) return { kind: "row", key: rowKey(member.id), row: member };
    const key = groupKey(member);
    if (!open.has(member.key)) return { kind: "group", key, group: member };
    return { kind: "frame", key, group: member, members: visibleMembers(member.members, open) };
  });
}

/** The box that a row is drawn in, by row. */
export function boxOfRows(members: readonly VisibleMember[]): Map<number, string> {
  const boxes = new Map<number, string>();
  const visit = (list: readonly VisibleMember[]): void => {
    for (const member of list) {
      if (member.kind === "row") boxes.set(member.row.id, member.key);
      else if (member.kind === "group")
        for (const id of member.group.rows) boxes.set(id, member.key);
      else visit(member.members);
    }
  };
  visit(members);
  return boxes;
}

/** Keys of the groups around a row, the outermost first. */
export function groupsAround(members: readonly Member[], id: number): string[] {
  for (const member of members) {
    if (!isGroup(member) || !member.rows.includes(id)) continue;
    return [member.key, ...groupsAround(member.members, id)];
  }
  return [];
}
