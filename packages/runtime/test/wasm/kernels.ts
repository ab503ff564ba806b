import {
  createRegistry,
  type DType,
  type Kernel,
  type OpDef,
  scalar,
  type Value,
} from "@adjoint/graph";
import { opOf } from "../testOps.js";

/** Emits kernels as operators of a registry. */
export class Kernels {
  private readonly ops: OpDef[] = [];

  constructor(private readonly dtype: DType = "float32") {}

  get registry() {
    return createRegistry(this.ops);
  }

  emit(kernel: Kernel, ins: readonly Value[], ...shape: number[]): Value {
    const op = opOf(kernel, [{ dtype: this.dtype, shape }], `${kernel.kind}${this.ops.length}`);
    this.ops.push(op);
    const [value] = ins[0]?.emitter.emit(op, ins, {}) ?? [];
    if (value === undefined) throw new Error("no value");
    return value;
  }

  map(fn: "add" | "mul" | "max" | "div" | "sub", x: Value, y: Value): Value {
    const expr = scalar.binary(fn, scalar.arg(0, this.dtype), scalar.arg(1, this.dtype));
    return this.emit({ kind: "map", expr }, [x, y], ...x.type.shape);
  }

  relu(x: Value): Value {
    const expr = scalar.binary("max", scalar.arg(0, this.dtype), scalar.constant(0, this.dtype));
    return this.emit({ kind: "map", expr }, [x], ...x.type.shape);
  }

  /** Over some axes, which become 1. */
  reduce(monoid: "sum" | "prod" | "max" | "min", x: Value, ...axes: number[]): Value {
    const shape = x.type.shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
    return this.emit({ kind: "reduce", monoid, axes }, [x], ...shape);
  }

  softmax(x: Value): Value {
    const axis = x.type.shape.length - 1;
    const below = this.map("sub", x, this.reduce("max", x, axis));
    const expr = scalar.unary("exp", scalar.arg(0, this.dtype));
    const e = this.emit({ kind: "map", expr }, [below], ...x.type.shape);
    return this.map("div", e, this.reduce("sum", e, axis));
  }
}
