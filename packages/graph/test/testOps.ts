import {
  type Attrs,
  type AttrValue,
  createRegistry,
  type DType,
  DTypeError,
  equalShapes,
  formatType,
  type Graph,
  type OpDef,
  type Operand,
  type Registry,
  type ScalarExpr,
  type Shape,
  ShapeError,
  scalar,
  sizeOf,
  type TensorType,
  tensorType,
  type Value,
} from "@adjoint/graph";

/** A small set of operators, so that the tests of the IR need no operator library. */

function define<A extends Attrs>(def: OpDef<A>): OpDef<A> {
  return def;
}

/** Arguments of one dtype and one shape; scalars stretch. */
function same(op: string, ins: readonly TensorType[]): readonly TensorType[] {
  const [first, ...rest] = ins;
  if (first === undefined) throw new Error(`${op}: no arguments`);
  let shape = first.shape;
  for (const type of rest) {
    const received = () => `${formatType(first)} and ${formatType(type)}`;
    if (type.dtype !== first.dtype) {
      throw new DTypeError({ op, problem: "dtypes differ", received: received() });
    }
    if (shape.length === 0) shape = type.shape;
    else if (type.shape.length > 0 && !equalShapes(type.shape, shape)) {
      throw new ShapeError({ op, problem: "shapes differ", received: received() });
    }
  }
  return [tensorType(first.dtype, shape)];
}

const none = { none: "only for tests of the IR" };

function elementwise(
  name: string,
  arity: number,
  commutative: boolean,
  expr: (dtype: DType) => ScalarExpr,
): OpDef {
  return define({
    name,
    arity,
    attrs: {},
    commutative,
    infer: (ins) => same(name, ins),
    vjp: none,
    kernel: (_ins, _attrs, [out]) => ({ kind: "map", expr: expr(out?.dtype ?? "float32") }),
    docs: `\`${name}\``,
  });
}

const binary = (name: "add" | "sub" | "mul") =>
  elementwise(name, 2, name !== "sub", (dtype) =>
    scalar.binary(name, scalar.arg(0, dtype), scalar.arg(1, dtype)),
  );

export const addOp = binary("add");
export const subOp = binary("sub");
export const mulOp = binary("mul");
export const negOp = elementwise("neg", 1, false, (dtype) =>
  scalar.unary("neg", scalar.arg(0, dtype)),
);

/** The sum of any number of arguments. */
export const addNOp = define({
  name: "addN",
  arity: { min: 1 },
  attrs: {},
  infer: (ins) => same("addN", ins),
  vjp: none,
  kernel: () => ({ kind: "map", expr: scalar.arg(0, "float32") }),
  docs: "The sum of all arguments.",
});

export const fullOp = define<{ shape: Shape; dtype: DType; value: number }>({
  name: "full",
  arity: 0,
  attrs: { shape: "ints", dtype: "dtype", value: "number" },
  infer: (_, { shape, dtype }) => [tensorType(dtype, shape)],
  vjp: none,
  kernel: (_, { dtype, value }) => ({ kind: "map", expr: scalar.constant(value, dtype) }),
  docs: "An array filled with `value`.",
});

export const reshapeOp = define<{ shape: Shape }>({
  name: "reshape",
  arity: 1,
  attrs: { shape: "ints" },
  infer([type], { shape }) {
    if (type === undefined || sizeOf(type.shape) !== sizeOf(shape)) {
      throw new ShapeError({
        op: "reshape",
        problem: "sizes differ",
        received: `[${shape.join()}]`,
      });
    }
    return [tensorType(type.dtype, shape)];
  },
  vjp: none,
  kernel: (_, { shape }) => ({ kind: "view", offset: 0, strides: shape.map(() => 1) }),
  docs: "The same elements in another shape.",
});

/** Two results: values, and int32 positions. */
export const sortOp = define<{ ascending: boolean }>({
  name: "sort",
  arity: 1,
  attrs: { ascending: "bool" },
  infer: ([type]) => (type === undefined ? [] : [type, tensorType("int32", type.shape)]),
  vjp: none,
  kernel: (_, { ascending }) => ({ kind: "order", form: "sort", axis: 0, ascending }),
  docs: "Sorted values and their positions.",
});

/** state -> (sample, next state). */
export const randomOp = define({
  name: "random",
  arity: 1,
  attrs: {},
  infer: ([state]) => (state === undefined ? [] : [tensorType("float32", []), state]),
  vjp: none,
  kernel: () => ({ kind: "random", distribution: "uniform", parameters: [0, 1] }),
  docs: "A random number.",
});

export const hostOp = define<{ key: number }>({
  name: "host",
  arity: 1,
  attrs: { key: "int" },
  infer: (ins) => ins,
  vjp: none,
  kernel: (_, { key }) => ({ kind: "call", form: "host", key }),
  docs: "A function of the host.",
});

export const callOp = define<{ body: Graph; note: AttrValue }>({
  name: "call",
  arity: { min: 1 },
  attrs: { body: "graph", note: "any" },
  infer: (ins) => ins,
  vjp: none,
  kernel: (_, { body }) => ({ kind: "call", form: "graph", graph: body }),
  docs: "A sub-graph.",
});

/** Composite: `x * x`. */
export const squareOp = define({
  name: "square",
  arity: 1,
  attrs: {},
  infer: (ins) => ins,
  compose: ([x]) => (x === undefined ? [] : [mul(x, x)]),
  docs: "`x * x`",
});

/** Composite of a composite: `(x - 1)² `. */
export const distanceOp = define({
  name: "distance",
  arity: 1,
  attrs: {},
  infer: (ins) => ins,
  compose: ([x]) => (x === undefined ? [] : [apply(squareOp, [sub(x, literal(x, 1))])]),
  docs: "`(x - 1)²`",
});

/** A composite without end. */
export const endlessOp: OpDef = define({
  name: "endless",
  arity: 1,
  attrs: {},
  infer: (ins) => ins,
  compose: ([x]) => (x === undefined ? [] : [apply(endlessOp, [neg(x)])]),
  docs: "Never done.",
});

export const registry: Registry = createRegistry([
  addOp,
  addNOp,
  subOp,
  mulOp,
  negOp,
  fullOp,
  reshapeOp,
  sortOp,
  randomOp,
  hostOp,
  callOp,
  squareOp,
  distanceOp,
  endlessOp,
]);

/** Applies an operator; gives its first result. */
export function apply<T extends Operand<T>>(
  op: OpDef,
  ins: readonly [T, ...T[]],
  attrs: Attrs = {},
): T {
  const [result] = ins[0].emitter.emit(op, ins, attrs);
  if (result === undefined) throw new Error(`${op.name}: no result`);
  return result;
}

export const add = (a: Value, b: Value): Value => apply(addOp, [a, b]);
export const sub = (a: Value, b: Value): Value => apply(subOp, [a, b]);
export const mul = (a: Value, b: Value): Value => apply(mulOp, [a, b]);
export const neg = (x: Value): Value => apply(negOp, [x]);
export const reshape = (x: Value, shape: Shape): Value => apply(reshapeOp, [x], { shape });

/** A filled array of `like`'s dtype. */
export function fill(like: Value, shape: Shape, value: number): Value {
  const [result] = like.emitter.emit(fullOp, [], { shape, dtype: like.type.dtype, value });
  if (result === undefined) throw new Error("full: no result");
  return result;
}

export const literal = (like: Value, value: number): Value => fill(like, [], value);
