import { decodeConstant } from "../constant.js";
import type { DType, TypedArray } from "../dtype.js";
import type { Attrs, NodeId } from "../graph.js";
import type { OpDef, Value } from "../op.js";
import type { GraphEditor } from "../rewrite/graphEditor.js";
import type { NodeView } from "../rewrite/rewriteTools.js";
import type { Fired, Pass } from "../rewrite/runPasses.js";
import { equalTypes, formatType, sizeOf, type TensorType } from "../type.js";
import { kernelKindOf } from "./callsHost.js";

/** A tensor of known numbers, row-major. */
export interface KnownTensor {
  readonly type: TensorType;
  readonly data: TypedArray;
}

/** Runs one primitive operator on known numbers; gives one array per result, in the dtype of `outs`. */
export type Evaluate = (
  op: OpDef,
  ins: readonly KnownTensor[],
  attrs: Attrs,
  outs: readonly TensorType[],
) => readonly { readonly data: TypedArray }[];

export interface ConstantFoldingOptions {
  readonly evaluate: Evaluate;
  /** Tensors with more elements are left to run time; default 4096. */
  readonly maxElements?: number;
}

/** How to fill an array with one number; undefined for the storage formats, in which nothing is computed. */
const fills: { readonly [D in DType]: ((size: number, value: number) => TypedArray) | undefined } =
  {
    float32: (size, value) => new Float32Array(size).fill(value),
    float64: (size, value) => new Float64Array(size).fill(value),
    int32: (size, value) => new Int32Array(size).fill(value),
    int8: (size, value) => new Int8Array(size).fill(value),
    uint8: (size, value) => new Uint8Array(size).fill(value),
    bool: (size, value) => new Uint8Array(size).fill(value),
    float16: undefined,
    int64: undefined,
  };

/** The number that all elements are, bit for bit but for the payload of NaN; undefined where they differ. */
function uniformValue(data: TypedArray): number | undefined {
  const first = data.length === 0 ? 0 : data[0];
  if (typeof first !== "number") return undefined;
  for (const value of data) if (!Object.is(value, first)) return undefined;
  return first;
}

class Folding {
  readonly fired = new Map<string, number>();
  private readonly tensors = new Map<NodeId, KnownTensor | undefined>();

  constructor(
    private readonly editor: GraphEditor,
    private readonly evaluate: Evaluate,
    private readonly maxElements: number,
  ) {}

  fold(id: NodeId): void {
    const view = this.editor.view(id);
    if (view === undefined || !this.isFoldable(view)) return;
    const { op, node, ins, attrs } = view;
    const known = ins.flatMap((value) => this.tensorOf(value) ?? []);
    if (known.length < ins.length) return;
    const results = this.evaluate(op, known, attrs, node.types);
    const values = this.editor.within(id, () =>
      node.types.map((type, out) => this.constant(op, type, results[out]?.data)),
    );
    this.editor.because(op.name, () => this.editor.replaceAll(id, values));
    this.editor.sweep([id]);
    this.fired.set(op.name, (this.fired.get(op.name) ?? 0) + 1);
  }

  /** Random numbers and calls stay, and composites, which `lower` expands. */
  private isFoldable({ op, node, ins, attrs }: NodeView): boolean {
    if (ins.length === 0 || !node.types.every((type) => this.isSmall(type))) return false;
    const types = ins.map(({ type }) => type);
    if (!types.every((type) => this.isSmall(type))) return false;
    if (!ins.every((value) => this.mayBeKnown(value))) return false;
    const kind = kernelKindOf({ op, ins: types, attrs, outs: node.types });
    return kind !== undefined && kind !== "random" && kind !== "call";
  }

  private isSmall({ dtype, shape }: TensorType): boolean {
    return fills[dtype] !== undefined && sizeOf(shape) <= this.maxElements;
  }

  private mayBeKnown({ id }: Value): boolean {
    const node = this.editor.node(id);
    return node === undefined ? this.editor.input(id)?.role === "const" : node.op === "full";
  }

  private tensorOf(value: Value): KnownTensor | undefined {
    if (this.tensors.has(value.id)) return this.tensors.get(value.id);
    const tensor = this.readTensor(value);
    this.tensors.set(value.id, tensor);
    return tensor;
  }

  private readTensor({ id, type }: Value): KnownTensor | undefined {
    const node = this.editor.node(id);
    if (node !== undefined) {
      const data =
        typeof node.attrs.value === "number"
          ? fills[type.dtype]?.(sizeOf(type.shape), node.attrs.value)
          : undefined;
      return data === undefined ? undefined : { type, data };
    }
    const hash = this.editor.input(id)?.constant;
    const constant = hash === undefined ? undefined : this.editor.constantOf(hash);
    return constant === undefined ? undefined : { type, data: decodeConstant(constant) };
  }

  private constant(op: OpDef, type: TensorType, data: TypedArray | undefined): Value {
    if (data === undefined || data.length !== sizeOf(type.shape)) {
      throw new Error(`${op.name}: evaluation gave no ${formatType(type)}`);
    }
    const value = uniformValue(data);
    const { registry } = this.editor;
    if (value === undefined || !registry.has("full")) return this.editor.constant(data, type);
    const { dtype, shape } = type;
    const [full] = this.editor.emit(registry.get("full"), [], { shape, dtype, value });
    if (full === undefined || !equalTypes(full.type, type)) {
      throw new Error(`full: no result of type ${formatType(type)}`);
    }
    return full;
  }
}

/**
 * Computes at once what depends on constants only: filled arrays and constant inputs. A result in which all elements
 * are equal becomes `full`, any other a constant of the graph. Keeps -0 and NaN. Never touches random numbers, calls,
 * and operators without arguments.
 */
export function constantFolding({ evaluate, maxElements = 4096 }: ConstantFoldingOptions): Pass {
  return {
    name: "constantFolding",
    run(editor): Fired {
      const folding = new Folding(editor, evaluate, maxElements);
      for (const id of editor.ids()) folding.fold(id);
      return Object.fromEntries(folding.fired);
    },
  };
}
