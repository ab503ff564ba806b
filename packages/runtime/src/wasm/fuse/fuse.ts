import {
  type DType,
  type Kernel,
  type Node,
  type NodeId,
  type Ref,
  refKey,
  type ScalarExpr,
  scalar,
  type Shape,
  sizeOf,
  type TensorType,
} from "@adjoint/graph";
import { at } from "../../kernels/prepare.js";
import { operandsFirst, operandsOf } from "../../kernels/expressionOrder.js";
import { isInt64Function } from "../math/int64Math.js";
import type { Refusal } from "../refusals.js";
import { dividesIntegers } from "./expressions.js";
import type { Group } from "./group.js";
import { isContiguous, type Located, viewOf, wholeOf } from "./located.js";
import { type MemberInput, OpenGroup } from "./openGroup.js";
import { narrowed, widerDType } from "./widen.js";

/** An array that exists during a run. */
export interface FusedArray {
  readonly type: TensorType;
  /** The value that it holds, for messages and descriptions. */
  readonly ref: Ref;
}

/** An array that a kernel reads, from an element on. */
export interface ArrayRead {
  readonly array: number;
  readonly offset: number;
  /** What the kernel sees there. */
  readonly type: TensorType;
}

/** A loop nest made of many nodes. */
export interface GroupStep {
  readonly kind: "group";
  readonly nodes: readonly NodeId[];
  readonly group: Group;
  readonly reads: readonly number[];
  readonly writes: readonly number[];
}

/** The kernel of one node. */
export interface KernelStep {
  readonly kind: "kernel";
  readonly node: Node;
  readonly kernel: Kernel;
  readonly ins: readonly ArrayRead[];
  readonly writes: readonly number[];
}

/** One thing to do. */
export type FusedStep = GroupStep | KernelStep;

/** A program as steps over arrays. */
export interface FusedProgram {
  /** The first ones are the inputs, in their order. */
  readonly arrays: readonly FusedArray[];
  readonly steps: readonly FusedStep[];
  /** Of the outputs: arrays that steps write, each one's own. */
  readonly outputs: readonly number[];
  /** The outputs as they are asked for; the array may have another shape. */
  readonly results: readonly FusedArray[];
}

/** What is to be fused: a program's kernels in order. */
export interface KernelProgram {
  readonly inputs: readonly { readonly id: NodeId; readonly type: TensorType }[];
  readonly nodes: readonly { readonly node: Node; readonly kernel: Kernel }[];
  readonly outputs: readonly Ref[];
  typeOf(ref: Ref): TensorType;
}

/** Groups that may grow at one time. */
const openLimit = 12;
/** Parts of an expression at the most. */
const expressionLimit = 256;

/**
 * Joins maps, views and reductions into groups. Nodes are looked at in order; each joins the latest
 * open group that has one of its arguments and whose nest it fits in. A group is closed when
 * something else must run after it, so that no two groups wait for each other.
 */
export function fuse(program: KernelProgram): FusedProgram {
  return new Fuser(program).run();
}

type Pending =
  | { readonly kind: "group"; readonly group: OpenGroup }
  | { readonly kind: "kernel"; readonly step: FusedStep };

class Fuser {
  private readonly arrays: FusedArray[] = [];
  private readonly values = new Map<string, Located>();
  /** Values that are one number, known without memory. */
  private readonly literals = new Map<string, { expr: ScalarExpr; type: TensorType }>();
  private readonly open: OpenGroup[] = [];
  private readonly groupOf = new Map<number, OpenGroup>();
  private readonly stored = new Set<number>();
  private readonly pending: Pending[] = [];

  constructor(private readonly program: KernelProgram) {}

  run(): FusedProgram {
    const { inputs, nodes, outputs } = this.program;
    for (const { id, type } of inputs) {
      const ref = { node: id, out: 0 };
      this.values.set(refKey(ref), wholeOf(this.array(ref, type), type.shape));
    }
    for (const { node, kernel } of nodes) this.add(node, kernel);
    const taken = new Set<number>();
    const results = outputs.map((ref) => this.outputArray(ref, taken));
    while (this.open.length > 0) this.close(at(this.open, 0));
    return {
      arrays: this.arrays,
      steps: this.steps(),
      outputs: results,
      results: outputs.map((ref) => ({ ref, type: this.program.typeOf(ref) })),
    };
  }

  private add(node: Node, kernel: Kernel): void {
    const added =
      (kernel.kind === "map" && this.addMap(node, kernel.expr)) ||
      (kernel.kind === "reduce" && this.addReduce(node, kernel)) ||
      (kernel.kind === "view" && this.addView(node, kernel));
    if (!added) this.addKernel(node, kernel);
  }

  private addMap(node: Node, expr: ScalarExpr): boolean {
    const type = at(node.types, 0);
    const cast = scalar.cast(expr, type.dtype);
    const types = node.inputs.map((ref) => this.program.typeOf(ref));
    if (!isFusible(cast, [...types, type])) return false;
    const ref = { node: node.id, out: 0 };
    const refusal = refusalIn(cast, node.site);
    if (node.inputs.length === 0 && isLiteral(cast) && refusal === undefined) {
      this.literals.set(refKey(ref), { expr: cast, type });
      return true;
    }
    const root = this.array(ref, type);
    const ins = node.inputs.map((input) => this.memberInput(input));
    this.join(ins, type.shape, node.id, root, (group) =>
      group.addMap(root, type, cast, ins, refusal),
    );
    this.values.set(refKey(ref), wholeOf(root, type.shape));
    return true;
  }

  private addReduce(node: Node, { monoid, axes }: Kernel & { kind: "reduce" }): boolean {
    const [input] = node.inputs;
    const type = at(node.types, 0);
    if (input === undefined || monoid === "argmax" || monoid === "argmin") return false;
    const { dtype, shape } = this.program.typeOf(input);
    if (type.dtype !== dtype || sizeOf(shape) === 0) return false;
    const ref = { node: node.id, out: 0 };
    const x = this.locate(input);
    const root = this.array(ref, type);
    this.join([x], shape, node.id, root, (group) => group.addReduce(root, monoid, dtype, x, axes));
    this.values.set(refKey(ref), wholeOf(root, type.shape));
    return true;
  }

  private addView(node: Node, { offset, strides }: Kernel & { kind: "view" }): boolean {
    const [input] = node.inputs;
    const type = at(node.types, 0);
    if (input === undefined || sizeOf(type.shape) === 0) return false;
    const key = refKey({ node: node.id, out: 0 });
    const literal = this.literals.get(refKey(input));
    if (literal !== undefined) {
      this.literals.set(key, { expr: literal.expr, type });
      return true;
    }
    const base = this.locate(input);
    const view = viewOf(base, type.shape, offset, strides);
    const whole = view ?? viewOf(this.copied(base, input), type.shape, offset, strides);
    if (whole === undefined) return false;
    this.values.set(key, whole);
    return true;
  }

  private addKernel(node: Node, kernel: Kernel): void {
    // Further results are positions, whose dtype is their own.
    const types = [
      ...node.inputs.map((ref) => this.program.typeOf(ref)),
      ...node.types.slice(0, 1),
    ];
    const wide = widerDType(kernel, types);
    if (wide === undefined) this.addOwnKernel(node, kernel);
    else this.addWidened(node, kernel, wide);
  }

  /** A kernel between conversions, which join the groups around it. */
  private addWidened(node: Node, kernel: Kernel, wide: DType): void {
    const ins = node.inputs.map((ref) => this.read(this.converted(ref, wide, node.id)));
    const [narrow, ...others] = node.types;
    if (narrow === undefined) throw new RangeError(`${node.op}: no result`);
    const types = [{ dtype: wide, shape: narrow.shape }, ...others];
    const writes = types.map((type, out) => this.array({ node: node.id, out }, type));
    const step = { kind: "kernel", node: { ...node, types }, kernel, ins, writes } as const;
    this.pending.push({ kind: "kernel", step });
    const [result, ...further] = writes.map((root, out) => wholeOf(root, at(types, out).shape));
    further.forEach((located, i) => {
      this.values.set(refKey({ node: node.id, out: i + 1 }), located);
    });
    if (result === undefined) return;
    const ref = { node: node.id, out: 0 };
    const expr = narrowed(kernel, wide, narrow.dtype);
    this.values.set(refKey(ref), this.mapped(ref, narrow, expr, result));
  }

  private converted(ref: Ref, dtype: DType, node: NodeId): Located {
    const own = this.program.typeOf(ref);
    const expr = scalar.cast(scalar.arg(0, own.dtype), dtype);
    return this.mapped({ ...ref, node }, { dtype, shape: own.shape }, expr, this.locate(ref));
  }

  /** A map of one value, in an array of its own. */
  private mapped(ref: Ref, type: TensorType, expr: ScalarExpr, x: Located): Located {
    const root = this.array(ref, type);
    this.join([x], type.shape, ref.node, root, (group) => group.addMap(root, type, expr, [x]));
    return wholeOf(root, type.shape);
  }

  private addOwnKernel(node: Node, kernel: Kernel): void {
    const { ins, kernel: turned } = this.kernelInputs(node, kernel);
    const writes = node.types.map((type, out) => {
      const ref = { node: node.id, out };
      const root = this.array(ref, type);
      this.values.set(refKey(ref), wholeOf(root, type.shape));
      return root;
    });
    this.pending.push({
      kind: "kernel",
      step: { kind: "kernel", node, kernel: turned, ins, writes },
    });
  }

  private kernelInputs(node: Node, kernel: Kernel): { ins: ArrayRead[]; kernel: Kernel } {
    let turned = kernel;
    const ins = node.inputs.map((ref, position): ArrayRead => {
      const located = this.locate(ref);
      if (turned.kind === "contract" && !isContiguous(located)) {
        const flipped = transposeOperand(turned, position, located);
        if (flipped !== undefined) {
          turned = flipped;
          return this.read(located);
        }
      }
      return this.read(isContiguous(located) ? located : this.copied(located, ref));
    });
    return { ins, kernel: turned };
  }

  private read({ root, offset, shape }: Located): ArrayRead {
    this.require(root);
    return { array: root, offset, type: { dtype: this.typeOf(root).dtype, shape } };
  }

  /** Finds a group for a member, or makes one. */
  private join(
    ins: readonly MemberInput[],
    shape: Shape,
    node: NodeId,
    root: number,
    add: (group: OpenGroup) => boolean,
  ): void {
    const roots = ins.flatMap((input) => ("literal" in input ? [] : [input.root]));
    const sources = this.mergeSources(roots);
    const joined = this.candidates(sources, roots).find(
      (group) =>
        sources.every((other) => other === group || !this.isAfter(other, group)) && add(group),
    );
    const group = joined ?? this.newGroup(shape, add);
    for (const other of sources) if (other !== group) group.after.add(other);
    for (const of of roots) if (!group.has(of)) this.stored.add(of);
    group.nodes.push(node);
    this.groupOf.set(root, group);
  }

  /** The open groups that make the given arrays, as far as possible joined to one; latest first. */
  private mergeSources(roots: readonly number[]): OpenGroup[] {
    const found = new Set(roots.flatMap((of) => this.openGroupOf(of) ?? []));
    const sources = [...found].sort((a, b) => this.open.indexOf(b) - this.open.indexOf(a));
    const [latest, ...others] = sources;
    if (latest === undefined) return [];
    return [latest, ...others.filter((other) => !this.merge(latest, other))];
  }

  private merge(group: OpenGroup, other: OpenGroup): boolean {
    if (this.isAfter(group, other) || this.isAfter(other, group)) return false;
    if (!group.absorb(other)) return false;
    for (const root of other.writes) this.groupOf.set(root, group);
    for (const one of this.open) if (one.after.delete(other)) one.after.add(group);
    other.isOpen = false;
    this.open.splice(this.open.indexOf(other), 1);
    return true;
  }

  /** Groups that a member may join: those that make an argument, else those that read one too. */
  private candidates(sources: readonly OpenGroup[], roots: readonly number[]): OpenGroup[] {
    if (sources.length > 0) return [...sources];
    return this.open.filter((group) => roots.some((root) => group.loadsFrom(root))).reverse();
  }

  private newGroup(shape: Shape, add: (group: OpenGroup) => boolean): OpenGroup {
    const oldest = this.open[0];
    if (this.open.length >= openLimit && oldest !== undefined) this.close(oldest);
    const group = new OpenGroup(shape, (root) => this.typeOf(root).dtype);
    if (!add(group)) throw new Error("a group of its own fits every member");
    this.open.push(group);
    return group;
  }

  private openGroupOf(root: number): OpenGroup | undefined {
    const group = this.groupOf.get(root);
    return group?.isOpen ? group : undefined;
  }

  /** Whether `group` must run after `other`. */
  private isAfter(group: OpenGroup, other: OpenGroup): boolean {
    const open = [group];
    const seen = new Set(open);
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (next === other) return true;
      for (const before of next.after) {
        if (!before.isOpen || seen.has(before)) continue;
        seen.add(before);
        open.push(before);
      }
    }
    return false;
  }

  private close(group: OpenGroup): void {
    if (!group.isOpen) return;
    for (const before of group.after) this.close(before);
    group.isOpen = false;
    this.open.splice(this.open.indexOf(group), 1);
    this.pending.push({ kind: "group", group });
  }

  /** An array is read by something that runs by itself: what makes it must be closed. */
  private require(root: number): void {
    this.stored.add(root);
    const group = this.openGroupOf(root);
    if (group !== undefined) this.close(group);
  }

  private memberInput(ref: Ref): MemberInput {
    const literal = this.literals.get(refKey(ref));
    return literal === undefined ? this.locate(ref) : { literal: literal.expr };
  }

  /** Where a value lies; a number gets an array. */
  private locate(ref: Ref): Located {
    const known = this.values.get(refKey(ref));
    if (known !== undefined) return known;
    const literal = this.literals.get(refKey(ref));
    if (literal === undefined) throw new Error(`fuse: value %${refKey(ref)} is not there`);
    const { type, expr } = literal;
    const root = this.array(ref, type);
    this.join([], type.shape, ref.node, root, (group) => group.addMap(root, type, expr, []));
    const located = wholeOf(root, type.shape);
    this.values.set(refKey(ref), located);
    return located;
  }

  /** The elements of a view in an array of their own. */
  private copied(view: Located, ref: Ref): Located {
    const { dtype } = this.typeOf(view.root);
    const type = { dtype, shape: view.shape };
    if (sizeOf(view.shape) > 0) return this.mapped(ref, type, scalar.arg(0, dtype), view);
    const root = this.array(ref, type);
    this.pending.push({ kind: "kernel", step: this.copyStep(view, ref, root) });
    return wholeOf(root, view.shape);
  }

  private copyStep({ root, shape, offset, strides }: Located, ref: Ref, to: number): FusedStep {
    this.require(root);
    const { dtype } = this.typeOf(root);
    const types = [{ dtype, shape }];
    const node = { id: ref.node, op: "copy", inputs: [ref], attrs: {}, types };
    const ins = [{ array: root, offset: 0, type: this.typeOf(root) }];
    return { kind: "kernel", node, kernel: { kind: "view", offset, strides }, ins, writes: [to] };
  }

  /** An array that holds the output and nothing else, and is no input. */
  private outputArray(ref: Ref, taken: Set<number>): number {
    const located = this.locate(ref);
    const { root } = located;
    const whole = isContiguous(located) && located.offset === 0;
    const fills = whole && sizeOf(located.shape) === sizeOf(this.typeOf(root).shape);
    const isInput = root < this.program.inputs.length;
    const own = fills && !isInput && !taken.has(root) ? root : this.copied(located, ref).root;
    taken.add(own);
    this.stored.add(own);
    return own;
  }

  private array(ref: Ref, type: TensorType): number {
    return this.arrays.push({ type, ref }) - 1;
  }

  private typeOf(root: number): TensorType {
    return at(this.arrays, root).type;
  }

  private steps(): FusedStep[] {
    return this.pending.flatMap((one): FusedStep[] => {
      if (one.kind === "kernel") return [one.step];
      const { group, reads, writes } = one.group.finish((root) => this.stored.has(root));
      if (writes.length === 0) return [];
      return [{ kind: "group", nodes: one.group.nodes, group, reads, writes }];
    });
  }
}

function isLiteral(expr: ScalarExpr): boolean {
  return operandsFirst(expr).every(({ kind }) => kind !== "coordinate");
}

/** Whether fused code computes the expression as the interpreter does. */
function isFusible(expr: ScalarExpr, types: readonly TensorType[]): boolean {
  if (types.some(({ shape }) => sizeOf(shape) === 0)) return false;
  const parts = operandsFirst(expr);
  return parts.length <= expressionLimit && parts.every(isExact);
}

/** On int64 some functions are refused. */
function isExact(expr: ScalarExpr): boolean {
  const calculates = expr.kind === "unary" || expr.kind === "binary";
  const onInt64 = operandsOf(expr).some(({ dtype }) => dtype === "int64");
  return !calculates || !onInt64 || isInt64Function(expr.fn);
}

/** What an expression that divides integers refuses. */
function refusalIn(expr: ScalarExpr, site: string | undefined): Refusal | undefined {
  const divides = operandsFirst(expr).some(dividesIntegers);
  return divides ? { op: "div", problem: "integer division by zero", site } : undefined;
}

/** A product that reads an operand as it is stored, if the view is that operand transposed. */
function transposeOperand(
  kernel: Kernel & { kind: "contract" },
  position: number,
  located: Located,
): Kernel | undefined {
  const { batch, m, n, k, transposeA, transposeB } = kernel;
  const [rows, columns] = position === 0 ? [m, k] : [k, n];
  const isTransposed = position === 0 ? transposeA : transposeB;
  const [height, width] = isTransposed ? [columns, rows] : [rows, columns];
  const stored = viewOf(located, [batch, width, height], 0, [width * height, 1, width]);
  if (stored === undefined || !isContiguous(stored)) return undefined;
  return position === 0
    ? { ...kernel, transposeA: !transposeA }
    : { ...kernel, transposeB: !transposeB };
}
