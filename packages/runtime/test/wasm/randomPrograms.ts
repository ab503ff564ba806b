import {
  Builder,
  createRegistry,
  type DType,
  dtypes,
  type Graph,
  type Kernel,
  type Monoid,
  type OpDef,
  type Registry,
  rowMajorStrides,
  type ScalarExpr,
  scalar,
  type Shape,
  sizeOf,
  type TensorType,
  type Value,
} from "@adjoint/graph";
import fc from "fast-check";
import { createTensor, type Tensor } from "../../src/index.js";
import { opOf } from "../testOps.js";

/** A program of maps, reductions, views and sorts, with operators of its own. */
export interface RandomProgram {
  readonly graph: Graph;
  readonly registry: Registry;
  readonly inputs: readonly Tensor[];
}

type Recipe = readonly [number, number, number, number];

const recipes = fc.record({
  shapes: fc.array(fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 3 }), {
    minLength: 2,
    maxLength: 4,
  }),
  steps: fc.array(fc.tuple(fc.nat(7), fc.nat(999), fc.nat(999), fc.nat(999)), {
    minLength: 1,
    maxLength: 24,
  }),
  outputs: fc.array(fc.nat(999), { minLength: 1, maxLength: 4 }),
});

/** Programs on small whole numbers, whose results do not depend on the order of sums. */
export const randomPrograms: fc.Arbitrary<RandomProgram> = recipes.map(
  ({ shapes, steps, outputs }) => new Maker(shapes, steps, outputs).program(),
);

const inputDTypes: readonly DType[] = ["float32", "float16", "int64", "float64"];

class Maker {
  private readonly builder = new Builder("random");
  private readonly ops: OpDef[] = [];
  private readonly values: Value[] = [];

  constructor(
    private readonly shapes: readonly Shape[],
    private readonly steps: readonly Recipe[],
    private readonly outputs: readonly number[],
  ) {}

  program(): RandomProgram {
    const inputs = this.shapes.map((shape, i): Tensor => {
      const type = { dtype: pick(inputDTypes, i), shape };
      this.values.push(this.builder.input(`x${i}`, type));
      const data = Array.from({ length: sizeOf(shape) }, (_, at) => ((at * 7 + i * 5) % 9) - 4);
      return createTensor(type, data);
    });
    for (const step of this.steps) this.add(step);
    this.outputs.forEach((which, i) => {
      this.builder.output(`y${i}`, pick([...this.values].reverse(), which));
    });
    return { graph: this.builder.finish(), registry: createRegistry(this.ops), inputs };
  }

  private add([kind, a, b, c]: Recipe) {
    const x = pick([...this.values].reverse(), a);
    const { dtype, shape } = x.type;
    switch (kind) {
      case 0:
        return this.map([x], shape, unaryOf(b, dtype));
      case 1:
      case 2:
        return this.binary(x, b, c);
      case 3:
        return this.reduce(x, b, c);
      case 4:
        return this.view(x, b, c);
      case 5: {
        const to = pick(dtypes, b);
        return this.map([x], shape, scalar.cast(scalar.arg(0, dtype), to));
      }
      case 6: {
        if (shape.length === 0) return;
        const along = scalar.cast(scalar.coordinate(b % shape.length), "float32");
        return this.map([], shape, along);
      }
      default:
        return this.sort(x);
    }
  }

  private emit(kernel: Kernel, ins: readonly Value[], outs: readonly TensorType[]): void {
    const op = opOf(kernel, outs, `op${this.ops.length}`);
    this.ops.push(op);
    this.values.push(...this.builder.emit(op, ins, {}));
  }

  private map(ins: readonly Value[], shape: Shape, expr: ScalarExpr): void {
    this.emit({ kind: "map", expr }, ins, [{ dtype: expr.dtype, shape }]);
  }

  private binary(x: Value, which: number, operator: number): void {
    const { dtype } = x.type;
    const others = this.values.filter(
      ({ type }) => type.dtype === dtype && broadcast(type.shape, x.type.shape) !== undefined,
    );
    const y = pick(others, which);
    const shape = broadcast(x.type.shape, y.type.shape);
    if (shape === undefined) return;
    const [p, q] = [scalar.arg(0, dtype), scalar.arg(1, dtype)];
    const less = scalar.binary("lt", p, q);
    const choices: readonly ScalarExpr[] = [
      scalar.binary("add", p, q),
      scalar.binary("sub", p, q),
      scalar.binary("max", p, q),
      scalar.binary("min", p, q),
      less,
      scalar.select(less, p, q),
      scalar.binary("eq", p, q),
    ];
    this.map([x, y], shape, pick(choices, operator));
  }

  private reduce(x: Value, mask: number, which: number): void {
    const { dtype, shape } = x.type;
    const axes = [...shape.keys()].filter((axis) => (mask >> axis) & 1);
    if (axes.length === 0) return;
    const monoid = pick<Monoid>(["sum", "max", "min", "prod"], which);
    const kept = shape.filter((_, axis) => !axes.includes(axis));
    this.emit({ kind: "reduce", monoid, axes }, [x], [{ dtype, shape: kept }]);
  }

  private view(x: Value, which: number, detail: number) {
    const { dtype, shape } = x.type;
    const strides = rowMajorStrides(shape);
    const axis = shape.length === 0 ? 0 : detail % shape.length;
    const length = shape[axis] ?? 1;
    const step = strides[axis] ?? 0;
    const at = (offset: number, to: Shape, by: readonly number[]) =>
      this.emit({ kind: "view", offset, strides: by }, [x], [{ dtype, shape: to }]);
    switch (which % 5) {
      case 0:
        return at(0, [...shape].reverse(), [...strides].reverse());
      case 1: {
        const flipped = strides.map((stride, i) => (i === axis ? -stride : stride));
        return at((length - 1) * step, shape, flipped);
      }
      case 2: {
        if (shape.length === 0) return;
        const taken = shape.map((n, i) => (i === axis ? Math.ceil(n / 2) : n));
        const skipping = strides.map((stride, i) => (i === axis ? stride * 2 : stride));
        return at(0, taken, skipping);
      }
      case 3:
        return at(0, [3, ...shape], [0, ...strides]);
      default:
        return at(0, [sizeOf(shape), 1], [1, 1]);
    }
  }

  private sort(x: Value): void {
    const { dtype, shape } = x.type;
    if (shape.length === 0 || dtype === "bool") return;
    const kernel = { kind: "order", form: "sort", axis: 0, ascending: true } as const;
    this.emit(kernel, [x], [x.type, { dtype: "int32", shape }]);
  }
}

function unaryOf(which: number, dtype: DType): ScalarExpr {
  const x = scalar.arg(0, dtype);
  const one = scalar.constant(1, dtype);
  const bounded = scalar.binary("min", scalar.binary("mul", x, x), scalar.constant(9, dtype));
  return pick(
    [
      scalar.unary("neg", x),
      scalar.unary("abs", x),
      scalar.binary("add", x, one),
      scalar.unary("sign", x),
      scalar.unary("not", x),
      bounded,
      one,
    ],
    which,
  );
}

function broadcast(a: Shape, b: Shape): number[] | undefined {
  const rank = Math.max(a.length, b.length);
  const shape: number[] = [];
  for (let axis = 1; axis <= rank; axis++) {
    const [m, n] = [a[a.length - axis] ?? 1, b[b.length - axis] ?? 1];
    if (m !== n && m !== 1 && n !== 1) return undefined;
    shape.unshift(Math.max(m, n));
  }
  return shape;
}

function pick<T>(list: readonly T[], which: number): T {
  const chosen = list[which % list.length];
  if (chosen === undefined) throw new RangeError("nothing to choose from");
  return chosen;
}
