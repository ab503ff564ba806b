import { type DType, type Operand, scalar, tensorType } from "@adjoint/graph";
import { defineOp, first } from "../core/define.js";
import { convertNumber } from "./full.js";

export const arangeOp = defineOp<{
  start: number;
  step: number;
  length: number;
  repeat: number;
  dtype: DType;
}>({
  name: "arange",
  arity: 0,
  attrs: { start: "number", step: "number", length: "int", repeat: "int", dtype: "dtype" },
  infer: (_, { length, dtype }) => [tensorType(dtype, [length])],
  vjp: { rule: () => [] },
  kernel(_, { start, step, repeat, dtype }) {
    const term =
      repeat === 1
        ? scalar.coordinate(0)
        : scalar.unary(
            "floor",
            scalar.binary("div", scalar.coordinate(0), scalar.constant(repeat, "float64")),
          );
    const constant = (value: number) => scalar.constant(convertNumber(value, dtype), dtype);
    const offset = scalar.binary("mul", scalar.cast(term, dtype), constant(step));
    return { kind: "map", expr: scalar.binary("add", constant(start), offset) };
  },
  docs: [
    "`start + step * i` for `i` from 0, each value `repeat` times, `length` values in all.",
    "Computed in `dtype`, as MXNet does: the step is rounded before it is multiplied.",
  ].join("\n"),
});

export const eyeOp = defineOp<{ rows: number; columns: number; k: number; dtype: DType }>({
  name: "eye",
  arity: 0,
  attrs: { rows: "int", columns: "int", k: "int", dtype: "dtype" },
  infer: (_, { rows, columns, dtype }) => [tensorType(dtype, [rows, columns])],
  vjp: { rule: () => [] },
  kernel(_, { k, dtype }) {
    const diagonal = scalar.binary("add", scalar.coordinate(0), scalar.constant(k, "float64"));
    return {
      kind: "map",
      expr: scalar.cast(scalar.binary("eq", scalar.coordinate(1), diagonal), dtype),
    };
  },
  docs: "1 on diagonal `k` (0 the main one, positive above it), 0 elsewhere.",
});

/** Options of `iota`. */
export interface IotaOptions {
  readonly start?: number;
  readonly step?: number;
  readonly dtype?: DType;
}

/**
 * `start, start + step, ...`: `length` numbers beside an operand, by default 0, 1, ... of its
 * dtype.
 */
export function iota<T extends Operand<T>>(like: T, length: number, options: IotaOptions = {}): T {
  const { start = 0, step = 1, dtype = like.type.dtype } = options;
  const attrs = { start, step, length, repeat: 1, dtype };
  return first("arange", like.emitter.emit(arangeOp, [], attrs));
}

/** The identity matrix beside an operand, of its dtype; `k` shifts the diagonal up. */
export function eyeLike<T extends Operand<T>>(like: T, rows: number, columns = rows, k = 0): T {
  const attrs = { rows, columns, k, dtype: like.type.dtype };
  return first("eye", like.emitter.emit(eyeOp, [], attrs));
}
