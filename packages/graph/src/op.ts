import type { TypedArray } from "./dtype.js";
import type { Attrs, Graph } from "./graph.js";
import type { Kernel } from "./kernel.js";
import type { TensorType } from "./type.js";

/** Turns an operator applied to operands into results: a graph builder, or a recorder of arrays. */
export interface Emitter<T> {
  emit(op: OpDef, ins: readonly T[], attrs: Attrs): readonly T[];
  /**
   * The first result for at most two operands, without lists around them: recorders, which are asked the same again
   * and again, make nothing but the result then.
   */
  emitOne?(op: OpDef, attrs: Attrs, a?: T, b?: T): T;
}

/** Anything that operators apply to. `T` is the operand's own class. */
export interface Operand<T> {
  readonly emitter: Emitter<T>;
  readonly type: TensorType;
}

/** An emitter of a graph's nodes, which holds constant tensors as well. */
export interface GraphEmitter extends Emitter<Value> {
  /** `data` is row-major and copied; its length must fit the type's shape. */
  constant(data: TypedArray, type: TensorType): Value;
}

/** A value of a graph under construction. */
export interface Value extends Operand<Value> {
  readonly emitter: GraphEmitter;
  readonly id: number;
  readonly out: number;
}

/** What an attribute may hold; checked when a node is made. */
export type AttrKind =
  | "number"
  | "int"
  | "bool"
  | "string"
  | "dtype"
  | "ints"
  | "numbers"
  | "graph"
  | "any";

/** Which derivative of a body is wanted, by positions. */
export interface BodyGradientRequest {
  /** Parameters (inputs without constants) to differentiate by. */
  readonly wrt: readonly number[];
  /** Outputs that have a head gradient. */
  readonly heads: readonly number[];
}

export interface VjpContext<A = Attrs> {
  /** The operator's arguments and results, as values of the gradient graph: using one makes it a saved value. */
  readonly ins: readonly Value[];
  readonly outs: readonly Value[];
  /** One per result; undefined where nothing depends on that result. At least one is defined. */
  readonly heads: readonly (Value | undefined)[];
  readonly attrs: A;
  /** One per argument: whether its gradient is asked for. */
  readonly active: readonly boolean[];
  /**
   * The gradient of a body as a graph of its own: from the body's parameters, then one head gradient per output named,
   * to one gradient per parameter named, zero where nothing depends on it.
   */
  differentiate(body: Graph, request: BodyGradientRequest): Graph;
}

/** Gradients per argument, undefined where there is none. Written with ordinary operators only. */
export type Vjp<A = Attrs> = (context: VjpContext<A>) => readonly (Value | undefined)[];

export type Arity = number | { readonly min: number; readonly max?: number };

interface OpBase<A> {
  readonly name: string;
  readonly arity: Arity;
  /** The complete list of attributes. */
  readonly attrs: { readonly [K in keyof A]: AttrKind };
  /** Result types. Throws an AdjointError that says what was received and what is allowed. */
  infer(ins: readonly TensorType[], attrs: A): readonly TensorType[];
  /** True where exchanging the two arguments changes nothing. */
  readonly commutative?: boolean;
  /** Markdown: one line, then shapes, dtypes, derivative, edge cases. */
  readonly docs: string;
}

/** An operator that a backend runs, by its kernel's kind. Without derivative it says why: the gradient is then zero. */
export interface PrimitiveOp<A = Attrs> extends OpBase<A> {
  readonly vjp:
    | { rule(context: VjpContext<A>): readonly (Value | undefined)[] }
    | { readonly none: string };
  kernel(ins: readonly TensorType[], attrs: A, outs: readonly TensorType[]): Kernel;
  readonly compose?: undefined;
}

/** An operator made of others; expanded before planning. Without `vjp`, it is differentiated through its expansion. */
export interface CompositeOp<A = Attrs> extends OpBase<A> {
  readonly vjp?:
    | { rule(context: VjpContext<A>): readonly (Value | undefined)[] }
    | { readonly none: string };
  compose(ins: readonly Value[], attrs: A): readonly Value[];
  readonly kernel?: undefined;
}

export type OpDef<A = Attrs> = PrimitiveOp<A> | CompositeOp<A>;

/** Operators by name. */
export interface Registry {
  readonly names: readonly string[];
  has(name: string): boolean;
  /** Throws a GraphError naming the nearest known operator. */
  get(name: string): OpDef;
}
