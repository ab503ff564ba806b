import {
  type DType,
  rowMajorStrides,
  type ScalarExpr,
  type Shape,
  sizeOf,
  type TensorType,
} from "@adjoint/graph";
import { at } from "../../kernels/prepare.js";
import type { Refusal } from "../refusals.js";
import { commonRefinement, refinedCounts, refineStrides } from "./axes.js";
import { replaceCoordinates } from "./expressions.js";
import type { Access, Group, GroupAxis, GroupStore, GroupValue } from "./group.js";
import { broadcastStrides, type Located } from "./located.js";

type Monoid = (GroupValue & { kind: "reduce" })["monoid"];

/** An argument of a member: a view of an array, or a value without arguments of its own. */
export type MemberInput = Located | { readonly literal: ScalarExpr };

/** Which elements a value has: one for each of the nest, or one for each row. */
type Space = "full" | "kept";

/** Values are kept as the finished group has them, except that operands are numbers of arrays. */
interface Member {
  readonly value: GroupValue;
  readonly space: Space;
}

/** Members of one group at the most, so that a function stays of a size that compiles quickly. */
const memberLimit = 96;
const loadLimit = 24;

/** A group that still grows. */
export class OpenGroup {
  private axes: GroupAxis[];
  private readonly members: Member[] = [];
  /** Values that later steps may read, by the number of the array that would hold them. */
  private readonly results = new Map<number, number>();
  private readonly loads = new Map<string, number>();
  private readonly loaded = new Set<number>();
  /** Groups that must run before this one, apart from those that are closed. */
  readonly after = new Set<OpenGroup>();
  readonly nodes: number[] = [];
  isOpen = true;

  constructor(
    shape: Shape,
    private readonly dtypeOf: (root: number) => DType,
  ) {
    this.axes = shape
      .filter((length) => length !== 1)
      .map((length) => ({ length, reduced: false }));
  }

  has(root: number): boolean {
    return this.results.has(root);
  }

  get writes(): readonly number[] {
    return [...this.results.keys()];
  }

  /** Adds a map if it fits in the nest; `root` is the array that would hold its result. */
  addMap(
    root: number,
    type: TensorType,
    expr: ScalarExpr,
    ins: readonly MemberInput[],
    refusal?: Refusal,
  ): boolean {
    if (this.isFull) return false;
    const space = this.spaceOf(type.shape);
    const lengths = space === undefined ? undefined : this.refinement(type.shape, space);
    if (space === undefined || lengths === undefined) return false;
    const axes = this.refined(lengths, space);
    const strides = ins.map((input) => {
      if ("literal" in input) return [];
      const own = broadcastStrides(input, type.shape);
      return spread(refineStrides(type.shape, own, lengths), axes, space);
    });
    const fits = ins.every(
      (input, position) =>
        "literal" in input ||
        !this.has(input.root) ||
        this.isInPlace(input, at(strides, position), axes),
    );
    if (!fits) return false;
    this.refineTo(axes);
    const operands = ins.map((input, position) =>
      this.argument(input, at(strides, position), space),
    );
    const own = this.withCoordinates(expr, type.shape, operands, space);
    this.results.set(
      root,
      this.push({ kind: "map", expr: own.expr, ins: own.ins, refusal }, space),
    );
    return true;
  }

  /** Adds a reduction of `x` over some of its axes, if all others of the group are over the same. */
  addReduce(
    root: number,
    monoid: Monoid,
    dtype: DType,
    x: Located,
    reduced: readonly number[],
  ): boolean {
    if (this.isFull || sizeOf(x.shape) !== this.sizeOf("full")) return false;
    const lengths = this.refinement(x.shape, "full");
    if (lengths === undefined) return false;
    const counts = refinedCounts(x.shape, lengths);
    const flags = counts.flatMap((count, axis) =>
      Array.from({ length: count }, () => reduced.includes(axis)),
    );
    const axes = this.refined(lengths, "full");
    const agrees = !this.isReducing || flags.every((flag, axis) => axes[axis]?.reduced === flag);
    const strides = refineStrides(x.shape, x.strides, lengths);
    if (!agrees || (this.has(x.root) && !this.isInPlace(x, strides, axes))) return false;
    this.refineTo(axes.map(({ length }, axis) => ({ length, reduced: flags[axis] ?? false })));
    const value = this.argument(x, strides, "full");
    this.results.set(root, this.push({ kind: "reduce", monoid, x: value, dtype }, "kept"));
    return true;
  }

  /**
   * Takes in all members of another group, if they fit in one nest. Neither may have to run after
   * the other.
   */
  absorb(other: OpenGroup): boolean {
    if (this.members.length + other.members.length > memberLimit) return false;
    const axes = this.jointAxes(other);
    if (axes === undefined) return false;
    this.refineTo(axes);
    other.refineTo(axes);
    const numbers: number[] = [];
    for (const { value, space } of other.members) numbers.push(this.adopt(value, space, numbers));
    for (const [root, value] of other.results) this.results.set(root, at(numbers, value));
    for (const before of other.after) this.after.add(before);
    this.nodes.push(...other.nodes);
    return true;
  }

  /** Whether an array is read, for which another reader is welcome. */
  loadsFrom(root: number): boolean {
    return this.loaded.has(root);
  }

  private jointAxes(other: OpenGroup): GroupAxis[] | undefined {
    const lengths = commonRefinement(this.lengthsOf("full"), other.lengthsOf("full"));
    if (lengths === undefined) return undefined;
    const [own, others] = [this.refined(lengths, "full"), other.refined(lengths, "full")];
    if (!other.isReducing) return own;
    if (!this.isReducing) return others;
    const agree = own.every(({ reduced }, axis) => others[axis]?.reduced === reduced);
    return agree ? own : undefined;
  }

  /** Adds a member of another group, whose earlier members have new numbers. */
  private adopt(value: GroupValue, space: Space, numbers: readonly number[]): number {
    switch (value.kind) {
      case "load": {
        const known = this.loads.get(loadKey(value.access));
        if (known !== undefined) return known;
        this.loads.set(loadKey(value.access), this.members.length);
        this.loaded.add(value.access.operand);
        return this.push(value, space);
      }
      case "coordinate":
        return this.push(value, space);
      case "map":
        return this.push({ ...value, ins: value.ins.map((of) => at(numbers, of)) }, space);
      case "reduce":
        return this.push({ ...value, x: at(numbers, value.x) }, space);
      default:
        return value satisfies never;
    }
  }

  private get isReducing(): boolean {
    return this.members.some(({ value }) => value.kind === "reduce");
  }

  /** The finished group, which stores those of its results for which `isStored` holds. */
  finish(isStored: (root: number) => boolean): {
    readonly group: Group;
    readonly reads: readonly number[];
    readonly writes: number[];
  } {
    const { axes } = this;
    const reads = [...this.loaded];
    const writes = this.writes.filter(isStored);
    const operands = [...reads, ...writes];
    const numbers = new Map(reads.map((root, operand) => [root, operand]));
    const values = this.members.map(({ value }): GroupValue => {
      if (value.kind !== "load") return value;
      const operand = numbers.get(value.access.operand) ?? 0;
      return { ...value, access: { ...value.access, operand } };
    });
    const stores = writes.map((root, position): GroupStore => {
      const value = this.results.get(root) ?? -1;
      const strides = this.placeOf(at(this.members, value).space, axes);
      return { value, access: { operand: reads.length + position, offset: 0, strides } };
    });
    return { group: { axes, operands: operands.map(this.dtypeOf), values, stores }, reads, writes };
  }

  private get isFull(): boolean {
    return this.members.length >= memberLimit || this.loads.size >= loadLimit;
  }

  private sizeOf(space: Space): number {
    return sizeOf(this.lengthsOf(space));
  }

  private lengthsOf(space: Space): number[] {
    return this.axes.flatMap(({ length, reduced }) =>
      space === "full" || !reduced ? [length] : [],
    );
  }

  private spaceOf(shape: Shape): Space | undefined {
    const size = sizeOf(shape);
    if (size === this.sizeOf("full")) return "full";
    return size === this.sizeOf("kept") ? "kept" : undefined;
  }

  private refinement(shape: Shape, space: Space): number[] | undefined {
    return commonRefinement(this.lengthsOf(space), shape);
  }

  /** The axes of the nest where those of a space have become finer. */
  private refined(lengths: readonly number[], space: Space): GroupAxis[] {
    const counts = refinedCounts(this.lengthsOf(space), lengths);
    let [axis, next] = [0, 0];
    return this.axes.flatMap((own) => {
      if (space === "kept" && own.reduced) return [own];
      const count = at(counts, axis++);
      const parts = lengths.slice(next, next + count);
      next += count;
      return parts.map((length) => ({ length, reduced: own.reduced }));
    });
  }

  private refineTo(axes: GroupAxis[]): void {
    if (axes.length !== this.axes.length) {
      const [before, after] = [this.axes, axes].map((of) => of.map(({ length }) => length));
      const refine = (strides: readonly number[]) =>
        refineStrides(before ?? [], strides, after ?? []);
      this.members.forEach(({ value, space }, position) => {
        if (value.kind === "load") {
          const access = { ...value.access, strides: refine(value.access.strides) };
          this.members[position] = { value: { ...value, access }, space };
        } else if (value.kind === "coordinate") {
          this.members[position] = { value: { ...value, strides: refine(value.strides) }, space };
        }
      });
      this.loads.clear();
      this.members.forEach(({ value }, position) => {
        if (value.kind === "load") this.loads.set(loadKey(value.access), position);
      });
    }
    this.axes = axes;
  }

  /** Where the elements of a result lie in its array. */
  private placeOf(space: Space, axes: readonly GroupAxis[]): number[] {
    const lengths = axes.flatMap(({ length, reduced }) =>
      space === "full" || !reduced ? [length] : [],
    );
    return spread(rowMajorStrides(lengths), axes, space);
  }

  /** Whether a view of a member's result shows each element where it is computed. */
  private isInPlace(
    { root, offset }: Located,
    strides: readonly number[],
    axes: readonly GroupAxis[],
  ): boolean {
    const value = this.results.get(root) ?? -1;
    const place = this.placeOf(at(this.members, value).space, axes);
    return offset === 0 && place.every((stride, axis) => stride === strides[axis]);
  }

  private argument(input: MemberInput, strides: readonly number[], space: Space): number {
    if ("literal" in input) return this.push({ kind: "map", expr: input.literal, ins: [] }, space);
    const result = this.results.get(input.root);
    if (result !== undefined) return result;
    const access = { operand: input.root, offset: input.offset, strides };
    const known = this.loads.get(loadKey(access));
    if (known !== undefined) return known;
    const dtype = this.dtypeOf(input.root);
    const value = this.push({ kind: "load", dtype, access }, space);
    this.loads.set(loadKey(access), value);
    this.loaded.add(input.root);
    return value;
  }

  /** Turns coordinates along the axes of `shape` into arguments. */
  private withCoordinates(
    expr: ScalarExpr,
    shape: Shape,
    operands: readonly number[],
    space: Space,
  ): { readonly expr: ScalarExpr; readonly ins: readonly number[] } {
    const ins = [...operands];
    const replaced = replaceCoordinates(expr, (axis) => {
      const unit = shape.map((_, at) => (at === axis ? 1 : 0));
      const lengths = this.lengthsOf(space);
      const strides = spread(refineStrides(shape, unit, lengths), this.axes, space);
      return ins.push(this.push({ kind: "coordinate", strides }, space)) - 1;
    });
    return { expr: replaced, ins };
  }

  private push(value: GroupValue, space: Space): number {
    return this.members.push({ value, space }) - 1;
  }
}

/** Strides along all axes from those along the axes of a space. */
function spread(strides: readonly number[], axes: readonly GroupAxis[], space: Space): number[] {
  if (space === "full") return [...strides];
  let next = 0;
  return axes.map(({ reduced }) => (reduced ? 0 : at(strides, next++)));
}

function loadKey({ operand, offset, strides }: Access): string {
  return `${operand}+${offset}:${strides.join()}`;
}
