import {
  type Attrs,
  Builder,
  type InputDetails,
  type InputRole,
  type Node,
  type NodeId,
  type OpDef,
  type Ref,
  type TensorType,
  type TypedArray,
  type Value,
} from "@adjoint/graph";
import { stopGradient } from "@adjoint/ops";

/** A constant tensor of a tape. */
export interface TapeConstant {
  readonly data: TypedArray;
  readonly type: TensorType;
}

/** What differentiation has to know of a row. */
export interface Marks {
  /** Gradients flow through it. */
  tracked: boolean;
  /** It stands for a variable: gradients end here. */
  source: boolean;
  /** It depends on a variable with the request `null`. */
  silent: boolean;
  /** An earlier `backward` used it up. */
  released: boolean;
  /** It depends on nothing from outside. */
  fixed: boolean;
}

/** Runs the backward of a user's function on head gradients. */
export type CustomRunner = (key: number, heads: readonly Value[]) => readonly Value[];

const backwardOfCustom = "customFunctionBackward";

/**
 * A program that is being written down, forward and backward in one graph. Its rows can be read back while it grows, and
 * carry marks.
 */
export class Tape extends Builder {
  /** Values by row. */
  private readonly values: (readonly Value[] | undefined)[] = [];
  private readonly nodesById: (Node | undefined)[] = [];
  private readonly marks: (Marks | undefined)[] = [];
  private readonly tensors = new Map<NodeId, TapeConstant>();
  private recording = false;
  constructor(
    name: string,
    /** The user's line, where it is wanted. */
    readonly site: () => string | undefined,
  ) {
    super(name);
  }

  /** Runs the backward of users' functions, which is no operator here; only while the tape is written. */
  runCustom: CustomRunner = noCustom;

  /** Lets go of what only the writing needs. */
  close(): void {
    this.runCustom = noCustom;
  }

  override input(name: string, type: TensorType, role?: InputRole, details?: InputDetails): Value {
    const value = super.input(name, type, role, details);
    this.values[value.id] = [value];
    return value;
  }

  override constant(data: TypedArray, type: TensorType): Value {
    const value = super.constant(data, type);
    if (this.tensors.has(value.id)) return value;
    this.tensors.set(value.id, { data: data.slice(), type });
    this.mark(value, { fixed: true });
    return value;
  }

  override emit(op: OpDef, ins: readonly Value[], attrs: Attrs): readonly Value[] {
    if (op.name === backwardOfCustom) return this.runCustom(Number(attrs.key), ins);
    const results = super.emit(op, ins, attrs);
    const node = this.rows.at(-1);
    if (node === undefined) throw new Error("tape: no node");
    this.values[node.id] = results;
    this.nodesById[node.id] = node;
    this.mark(node, this.marksFrom(ins));
    return results;
  }

  /** Marks of a node that reads `ins`. */
  private marksFrom(ins: readonly Value[]): Partial<Marks> {
    return {
      fixed: ins.every((value) => this.marksOf(value).fixed),
      tracked: this.recording && ins.some((value) => this.flows(value)),
      silent: this.recording && ins.some((value) => this.marksOf(value).silent),
    };
  }

  /** Runs `make` with what it emits recorded for differentiation, or not. */
  recorded<R>(recording: boolean, make: () => R): R {
    const outer = this.recording;
    this.recording = recording;
    try {
      return make();
    } finally {
      this.recording = outer;
    }
  }

  /** The same value, through which no gradient flows. */
  cut(value: Value): Value {
    return this.recorded(false, () => stopGradient(value));
  }

  /** The input of that name, made at the first question. */
  inputNamed(name: string, type: TensorType, site?: string): Value {
    let free = name;
    while (this.inputNames.has(free)) free += "'";
    return this.input(free, type, "arg", { site });
  }

  valueAt({ node, out }: Ref): Value {
    const value = this.values[node]?.[out];
    if (value === undefined) throw new Error(`tape: no value %${node}.${out}`);
    return value;
  }

  /** The node with this id; undefined for inputs. */
  nodeAt(id: NodeId): Node | undefined {
    return this.nodesById[id];
  }

  constantAt(id: NodeId): TapeConstant | undefined {
    return this.tensors.get(id);
  }

  marksOf({ id }: Pick<Value, "id">): Readonly<Marks> {
    return this.marks[id] ?? unmarked;
  }

  mark({ id }: Pick<Value, "id">, marks: Partial<Marks>): void {
    this.marks[id] = { ...unmarked, ...this.marks[id], ...marks };
  }

  /** Whether gradients go on from a value to what it was computed from, or end in it as in a variable. */
  flows(value: Pick<Value, "id">): boolean {
    const { tracked, source, released } = this.marksOf(value);
    return source || (tracked && !released);
  }
}

const noCustom: CustomRunner = (key) => {
  throw new Error(`tape: no custom function ${key}`);
};

const unmarked: Readonly<Marks> = {
  tracked: false,
  source: false,
  silent: false,
  released: false,
  fixed: false,
};

export function refOf({ id, out }: Value): Ref {
  return { node: id, out };
}
