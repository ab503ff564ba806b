import { bytesOf, type DType, sizeOf } from "@adjoint/graph";
import { at } from "../../kernels/prepare.js";
import { accumulatorVectors } from "./accumulator.js";
import { exprCost } from "./expressions.js";
import {
  type Access,
  dtypeOfValue,
  type Group,
  type GroupAxis,
  type GroupStore,
  operandsOfValue,
} from "./group.js";
import { laneBytes } from "./laneMemory.js";
import { laneCount } from "./lanes.js";

/** What an element-wise value needs to be there in a pass: computed, or read from where it was put. */
export interface PassValue {
  readonly value: number;
  /** Where an earlier pass put it. */
  readonly from: "computed" | Access | Spill;
}

/** A row of one value, kept from one pass to the next in scratch memory. */
export interface Spill {
  readonly value: number;
  readonly dtype: DType;
  /** Bytes from the start of scratch memory. */
  readonly offset: number;
}

/** One run over a row. */
export interface Pass {
  /** Values of the whole row that it needs and that earlier passes made possible. */
  readonly before: readonly number[];
  /** Element-wise values, each after what it reads. */
  readonly values: readonly PassValue[];
  readonly stores: readonly GroupStore[];
  readonly spills: readonly Spill[];
  /** Reductions that accumulate. */
  readonly reduces: readonly number[];
}

/** How a group's axes become loops. */
export interface Nest {
  readonly group: Group;
  /** Kept axes that are loops of their own, outermost first. */
  readonly rows: readonly number[];
  /** Axes that each pass runs over, apart from the lanes' own. */
  readonly inner: readonly number[];
  /** The axis whose neighbours are computed together. */
  readonly lane: number;
  /** Whether lanes lie along a kept axis, so that four rows are reduced at a time. */
  readonly laneInRow: boolean;
  /**
   * Bytes of running reductions for four rows, where those of all rows are kept in scratch memory and
   * reduced axes are outside of the lanes' own: memory is then read in its order. 0 where they stay in
   * registers.
   */
  readonly streamedBytes: number;
  /** The axis of which a call may do a part only; undefined where there is none. */
  readonly split: number | undefined;
  readonly passes: readonly Pass[];
  /** Values of a whole row that are stored after the last pass. */
  readonly rowStores: readonly GroupStore[];
  /** Row values that are computed after the last pass. */
  readonly after: readonly number[];
  readonly scratchBytes: number;
  /** Element-wise values differ along a row; others are computed once per row. */
  readonly varies: readonly boolean[];
  /** Estimated operations per element. */
  readonly cost: number;
}

/** Settles loops and passes. */
export function nestOf(uncollapsed: Group): Nest {
  const group = collapse(withAxis(uncollapsed));
  const { axes, values } = group;
  const last = axes.length - 1;
  const reducing = values.some(({ kind }) => kind === "reduce");
  const laneInRow = reducing && !at(axes, last).reduced;
  const inside = axes.flatMap(({ reduced }, axis) =>
    (reducing ? reduced : axis === last) ? [axis] : [],
  );
  const rows = axes.flatMap((_, axis) =>
    inside.includes(axis) || (laneInRow && axis === last) ? [] : [axis],
  );
  const varies = variesAlong(group, inside);
  const inner = inside.filter((axis) => axis !== last);
  const splitsLane = laneInRow || !reducing;
  const split = rows[0] ?? (splitsLane ? last : undefined);
  const rowLength = sizeOf(inner.map((axis) => at(axes, axis).length));
  const lanes = laneInRow ? laneCount : Math.ceil(at(axes, last).length / laneCount) * laneCount;
  const passes = new Passes(group, varies, inside, rowLength * lanes);
  const plan = passes.plan();
  const elements = rowLength * at(axes, last).length;
  const streamedBytes = laneInRow && plan.passes.length === 1 ? streamed(group, elements) : 0;
  const states = streamedBytes * Math.ceil(at(axes, last).length / laneCount);
  return {
    ...{ group, rows, inner, lane: last, laneInRow, split, varies, streamedBytes },
    ...plan,
    scratchBytes: plan.scratchBytes + states,
    cost: passes.cost,
  };
}

/** Bytes of arrays from which on columns of them, some lines wide, are not in the nearest caches. */
const leastStreamed = 1 << 16;
/** Running reductions at the most, in bytes: they stay in the first-level cache. */
const mostStates = 1 << 14;
const leastLanes = 64;

function streamed({ axes, operands, values, stores }: Group, elements: number): number {
  const { length } = at(axes, axes.length - 1);
  const accesses = [
    ...values.flatMap((value) => (value.kind === "load" ? [value.access] : [])),
    ...stores.map(({ access }) => access),
  ];
  const moving = accesses.filter(({ strides }) =>
    axes.some(({ reduced }, axis) => reduced && strides[axis] !== 0),
  );
  const bytes = moving.reduce(
    (sum, { operand }) => sum + elements * bytesOf(at(operands, operand)),
    0,
  );
  const states = values.reduce(
    (sum, value) =>
      value.kind === "reduce" ? sum + 16 * accumulatorVectors(value.monoid, value.dtype) : sum,
    0,
  );
  const fits = (states * length) / laneCount <= mostStates;
  return fits && length >= leastLanes && bytes >= leastStreamed ? states : 0;
}

/** A nest has one axis at least. */
function withAxis(group: Group): Group {
  if (group.axes.length > 0) return group;
  return mapAccesses({ ...group, axes: [{ length: 1, reduced: false }] }, () => [0]);
}

/** Joins neighbouring axes along which every access goes on in the same steps. */
function collapse(group: Group): Group {
  for (let axis = group.axes.length - 2; axis >= 0; axis--) {
    const [outer, inner] = [at(group.axes, axis), at(group.axes, axis + 1)];
    const joined = stridesIn(group).every(
      (strides) => at(strides, axis) === at(strides, axis + 1) * inner.length,
    );
    if (outer.reduced !== inner.reduced || !joined) continue;
    const merged: GroupAxis = { length: outer.length * inner.length, reduced: inner.reduced };
    const axes = [...group.axes.slice(0, axis), merged, ...group.axes.slice(axis + 2)];
    return collapse(
      mapAccesses({ ...group, axes }, (strides) => [
        ...strides.slice(0, axis),
        ...strides.slice(axis + 1),
      ]),
    );
  }
  return group;
}

function stridesIn({ values, stores }: Group): (readonly number[])[] {
  const ofValues = values.flatMap((value) => {
    if (value.kind === "load") return [value.access.strides];
    return value.kind === "coordinate" ? [value.strides] : [];
  });
  return [...ofValues, ...stores.map(({ access }) => access.strides)];
}

function mapAccesses(group: Group, change: (strides: readonly number[]) => number[]): Group {
  const move = (access: Access): Access => ({ ...access, strides: change(access.strides) });
  return {
    ...group,
    values: group.values.map((value) => {
      if (value.kind === "load") return { ...value, access: move(value.access) };
      return value.kind === "coordinate" ? { ...value, strides: change(value.strides) } : value;
    }),
    stores: group.stores.map(({ value, access }) => ({ value, access: move(access) })),
  };
}

function variesAlong({ values }: Group, axes: readonly number[]): boolean[] {
  const moves = (strides: readonly number[]) => axes.some((axis) => strides[axis] !== 0);
  const varies: boolean[] = [];
  for (const value of values) {
    if (value.kind === "load") varies.push(moves(value.access.strides));
    else if (value.kind === "coordinate") varies.push(moves(value.strides));
    else varies.push(value.kind === "map" && value.ins.some((of) => varies[of] === true));
  }
  return varies;
}

/** What is cheaper to compute again than to write and read. */
const cheapAgain = 6;

/** Decides which pass computes what. */
class Passes {
  /** The first pass in which a value can be had. */
  private readonly pass: number[] = [];
  private readonly costs: number[];
  private readonly storeOf = new Map<number, GroupStore>();
  private readonly spills = new Map<number, Spill>();
  private scratchBytes = 0;

  constructor(
    private readonly group: Group,
    private readonly varies: readonly boolean[],
    /** Axes along which a row's elements lie. */
    private readonly inside: readonly number[],
    private readonly rowElements: number,
  ) {
    for (const value of group.values) {
      const ready = Math.max(0, ...operandsOfValue(value).map((of) => at(this.pass, of)));
      this.pass.push(value.kind === "reduce" ? ready + 1 : ready);
    }
    for (const store of group.stores) this.storeOf.set(store.value, store);
    this.costs = group.values.map((value) => (value.kind === "map" ? exprCost(value.expr) : 1));
    this.findSpills();
  }

  get cost(): number {
    return this.costs.reduce((sum, cost) => sum + cost, 0);
  }

  plan(): Pick<Nest, "passes" | "rowStores" | "after" | "scratchBytes"> {
    const { values, stores } = this.group;
    const isElementwise = ({ access }: GroupStore) =>
      this.inside.some((axis) => access.strides[axis] !== 0);
    const elementwise = stores.filter(isElementwise);
    const rowStores = stores.filter((store) => !isElementwise(store));
    const reduced = values.flatMap((value, id) => (value.kind === "reduce" ? [id] : []));
    const runs = [
      ...elementwise.map(({ value }) => at(this.pass, value) + 1),
      ...reduced.map((id) => at(this.pass, id)),
    ];
    const known = new Set<number>();
    const passes = Array.from({ length: Math.max(0, ...runs) }, (_, pass) =>
      this.passAt(pass, elementwise, reduced, known),
    );
    const after = this.rowValues(
      rowStores.map(({ value }) => value),
      known,
    );
    return { passes, rowStores, after, scratchBytes: this.scratchBytes };
  }

  private passAt(
    pass: number,
    stored: readonly GroupStore[],
    reduced: readonly number[],
    known: Set<number>,
  ): Pass {
    const stores = stored.filter(({ value }) => this.pass[value] === pass);
    const reduces = reduced.filter((id) => this.pass[id] === pass + 1);
    const spills = [...this.spills.values()].filter(({ value }) => this.pass[value] === pass);
    const wanted = [
      ...stores.map(({ value }) => value),
      ...spills.map(({ value }) => value),
      ...reduces.flatMap((id) => operandsOfValue(at(this.group.values, id))),
    ];
    const { elements, rows } = this.needed(wanted, pass);
    const before = this.rowValues(rows, known);
    return { before, values: elements, stores, spills, reduces };
  }

  /** What a pass must compute or read, down to values of the whole row. */
  private needed(wanted: readonly number[], pass: number) {
    const found = new Map<number, PassValue>();
    const rows = new Set<number>();
    const open = [...wanted];
    for (let value = open.pop(); value !== undefined; value = open.pop()) {
      if (found.has(value)) continue;
      if (!this.varies[value]) {
        rows.add(value);
        continue;
      }
      const from = this.sourceIn(pass, value);
      found.set(value, { value, from });
      if (from === "computed") open.push(...operandsOfValue(at(this.group.values, value)));
    }
    const elements = [...found.values()].sort((a, b) => a.value - b.value);
    return { elements, rows: [...rows] };
  }

  private sourceIn(pass: number, value: number): PassValue["from"] {
    const isMap = at(this.group.values, value).kind === "map";
    if (!isMap || at(this.pass, value) >= pass) return "computed";
    return this.storeOf.get(value)?.access ?? this.spills.get(value) ?? "computed";
  }

  /** Row values to compute, with what they are computed from, apart from what is known already. */
  private rowValues(wanted: readonly number[], known: Set<number>): number[] {
    const found: number[] = [];
    const open = [...wanted];
    for (let value = open.pop(); value !== undefined; value = open.pop()) {
      if (known.has(value)) continue;
      known.add(value);
      const { kind } = at(this.group.values, value);
      if (kind === "reduce") continue;
      found.push(value);
      open.push(...operandsOfValue(at(this.group.values, value)));
    }
    return found.sort((a, b) => a - b);
  }

  /** Values that a later pass needs, and that are too dear to be computed again. */
  private findSpills(): void {
    const { values } = this.group;
    const again: number[] = [];
    for (const [id, value] of values.entries()) {
      const ins = value.kind === "map" ? value.ins : [];
      const total = ins.reduce((sum, of) => sum + (this.varies[of] ? at(again, of) : 0), 0);
      again.push(total + at(this.costs, id));
      for (const of of operandsOfValue(value)) {
        const later = this.varies[of] && at(this.pass, of) < this.lastUse(id);
        if (later && at(values, of).kind === "map") this.spillUnlessCheap(of, again);
      }
    }
  }

  /** The pass in which a value is computed, or accumulated. */
  private lastUse(id: number): number {
    const pass = at(this.pass, id);
    return at(this.group.values, id).kind === "reduce" ? pass - 1 : pass;
  }

  private spillUnlessCheap(value: number, again: number[]): void {
    if (this.storeOf.has(value) || this.spills.has(value)) again[value] = 1;
    if (at(again, value) <= cheapAgain) return;
    const dtype = dtypeOfValue(at(this.group.values, value));
    const bytes = (this.rowElements / laneCount) * laneBytes(dtype);
    this.spills.set(value, { value, dtype, offset: this.scratchBytes });
    this.scratchBytes += Math.ceil(bytes / 16) * 16;
    again[value] = 1;
  }
}

/** Bytes from an element to its neighbour along each axis. */
export function byteStrides(strides: readonly number[], dtype: DType): number[] {
  return strides.map((stride) => stride * bytesOf(dtype));
}
