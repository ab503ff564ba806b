import {
  type DType,
  type Kernel,
  type Node,
  type NodeId,
  type Ref,
  refKey,
  type ScalarExpr,
  scalar,
  sizeOf,
  type TensorType,
} from "@adjoint/graph";
import { at } from "../../kernels/prepare.js";
import type {
  ArrayRead,
  FusedArray,
  FusedProgram,
  FusedStep,
  KernelProgram,
} from "./fusedProgram.js";
import { isFusible, isLiteral, refusalIn, transposeOperand } from "./fusible.js";
import { isContiguous, type Located, viewOf, wholeOf } from "./located.js";
import type { MemberInput } from "./openGroup.js";
import { OpenGroups } from "./openGroups.js";
import { narrowed, widerDType } from "./widen.js";

/**
 * Joins maps, views and reductions into groups. Nodes are looked at in order; each joins the latest
 * open group that has one of its arguments and whose nest it fits in. A group is closed when
 * something else must run after it, so that no two groups wait for each other.
 */
export function fuse(program: KernelProgram): FusedProgram {
  return new Fuser(program).run();
}

class Fuser {
  private readonly arrays: FusedArray[] = [];
  private readonly values = new Map<string, Located>();
  /** Values that are one number, known without memory. */
  private readonly literals = new Map<string, { expr: ScalarExpr; type: TensorType }>();
  private readonly groups = new OpenGroups((root) => this.typeOf(root).dtype);

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
    return {
      arrays: this.arrays,
      steps: this.groups.finish(),
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
    this.groups.join(ins, type.shape, node.id, root, (group) =>
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
    this.groups.join([x], shape, node.id, root, (group) =>
      group.addReduce(root, monoid, dtype, x, axes),
    );
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
    this.groups.add(step);
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
    this.groups.join([x], type.shape, ref.node, root, (group) =>
      group.addMap(root, type, expr, [x]),
    );
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
    this.groups.add({ kind: "kernel", node, kernel: turned, ins, writes });
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
    this.groups.require(root);
    return { array: root, offset, type: { dtype: this.typeOf(root).dtype, shape } };
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
    this.groups.join([], type.shape, ref.node, root, (group) => group.addMap(root, type, expr, []));
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
    this.groups.add(this.copyStep(view, ref, root));
    return wholeOf(root, view.shape);
  }

  private copyStep({ root, shape, offset, strides }: Located, ref: Ref, to: number): FusedStep {
    this.groups.require(root);
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
    this.groups.keep(own);
    return own;
  }

  private array(ref: Ref, type: TensorType): number {
    return this.arrays.push({ type, ref }) - 1;
  }

  private typeOf(root: number): TensorType {
    return at(this.arrays, root).type;
  }
}
