import { type Operand, type Shape, tensorType, type Value } from "@adjoint/graph";
import { defineOp, headOf, nth } from "../core/define.js";
import { checkChoice } from "../core/options.js";
import { iota } from "../elementwise/arange.js";
import { add, div, mul, sub } from "../elementwise/arithmetic.js";
import { maximum, minimum } from "../elementwise/extremum.js";
import { cbrt, sqrt, square } from "../elementwise/powers.js";
import { reshape } from "../view/reshape.js";
import { checkWindowsMeetData, poolMax, scatterToMaxima } from "../window/poolMax.js";
import {
  type PoolAttrs,
  poolAttrKinds,
  poolShape,
  poolSum,
  poolSumAdjoint,
} from "../window/poolSum.js";
import { checkFloat } from "./layerArguments.js";

export const poolTypes = ["max", "avg", "sum", "lp"] as const;
export type PoolType = (typeof poolTypes)[number];

export type PoolingAttrs = PoolAttrs & {
  poolType: string;
  /** lp: 1, 2 or 3. */
  pValue: number;
  /** avg: padded cells count, as far as `padLow` reaches beyond either end. */
  countIncludePad: boolean;
};

/** How many cells of each window along one spatial axis an average is taken over. */
interface CellCount {
  /** First cell of window 0, step between windows, cells of a whole window. */
  readonly start: number;
  readonly stride: number;
  readonly kernel: number;
  /** Cells outside `[low, high)` do not count. */
  readonly low: number;
  readonly high: number;
}

function countsAlong<T extends Operand<T>>(like: T, windows: number, count: CellCount): T | number {
  const { start, stride, kernel, low, high } = count;
  const last = start + (windows - 1) * stride;
  if (start >= low && last + kernel <= high) return kernel;
  const begin = iota(like, windows, { start, step: stride });
  // A window without cells has the sum 0, and shall have the mean 0.
  return maximum(sub(minimum(add(begin, kernel), high), maximum(begin, low)), 1);
}

/** Divides each window's value by the number of its cells that count. */
function divideByCells<T extends Operand<T>>(x: T, data: Shape, attrs: PoolingAttrs): T {
  const { kernel, stride, padLow, countIncludePad } = attrs;
  let result = x;
  let whole = 1;
  data.slice(2).forEach((length, axis) => {
    const pad = nth("Pooling", padLow, axis);
    const windows = nth("Pooling", x.type.shape, axis + 2);
    const cells = countsAlong(x, windows, {
      start: -pad,
      stride: nth("Pooling", stride, axis),
      kernel: nth("Pooling", kernel, axis),
      low: countIncludePad ? -pad : 0,
      high: countIncludePad ? length + pad : length,
    });
    if (typeof cells === "number") whole *= cells;
    else result = div(result, reshape(cells, [windows, ...data.slice(axis + 3).map(() => 1)]));
  });
  return whole === 1 ? result : div(result, whole);
}

/** `x ** p` and `x ** (1/p)` for p of 1, 2, 3. */
function power<T extends Operand<T>>(x: T, p: number): T {
  return p === 1 ? x : p === 2 ? square(x) : mul(x, square(x));
}

function root<T extends Operand<T>>(x: T, p: number): T {
  return p === 1 ? x : p === 2 ? sqrt(x) : cbrt(x);
}

/**
 * Gradient of `y = (sum x**p) ** (1/p)`: `dx = (x / y) ** (p - 1) dy`; NaN where a window's y is 0
 * and p is not 1.
 */
function lpGradient(head: Value, x: Value, y: Value, attrs: PoolingAttrs): Value {
  const { pValue: p } = attrs;
  const spatial = x.type.shape.slice(2);
  if (p === 1) return poolSumAdjoint(head, { ...poolAttrs(attrs), spatial });
  const perWindow = div(head, power(y, p - 1));
  return mul(power(x, p - 1), poolSumAdjoint(perWindow, { ...poolAttrs(attrs), spatial }));
}

function poolAttrs({ kernel, stride, padLow, padHigh }: PoolingAttrs): PoolAttrs {
  return { kernel, stride, padLow, padHigh };
}

export const poolingOp = defineOp<PoolingAttrs>({
  name: "Pooling",
  arity: 1,
  attrs: { ...poolAttrKinds, poolType: "string", pValue: "int", countIncludePad: "bool" },
  infer(ins, attrs) {
    const x = nth("Pooling", ins, 0);
    const poolType = checkChoice("Pooling", "poolType", attrs.poolType, poolTypes);
    if (poolType !== "max" && poolType !== "sum") checkFloat("Pooling", x);
    if (poolType === "max") checkWindowsMeetData("Pooling", x.shape, attrs);
    const shape = poolShape("Pooling", x.shape, attrs);
    const y = tensorType(x.dtype, shape);
    return poolType === "max" ? [y, tensorType("int32", shape)] : [y];
  },
  vjp: {
    rule({ ins, outs, heads, attrs }) {
      const [x, y, head] = [nth("Pooling", ins, 0), nth("Pooling", outs, 0), headOf(heads)];
      const { shape } = x.type;
      const spread = { ...poolAttrs(attrs), spatial: shape.slice(2) };
      const poolType = checkChoice("Pooling", "poolType", attrs.poolType, poolTypes);
      switch (poolType) {
        case "max":
          return [scatterToMaxima(head, nth("Pooling", outs, 1), shape)];
        case "sum":
          return [poolSumAdjoint(head, spread)];
        case "avg":
          return [poolSumAdjoint(divideByCells(head, shape, attrs), spread)];
        case "lp":
          return [lpGradient(head, x, y, attrs)];
        default:
          throw new Error(poolType satisfies never);
      }
    },
  },
  compose(ins, attrs) {
    const x = nth("Pooling", ins, 0);
    const poolType = checkChoice("Pooling", "poolType", attrs.poolType, poolTypes);
    switch (poolType) {
      case "max":
        return poolMax(x, poolAttrs(attrs));
      case "sum":
        return [poolSum(x, poolAttrs(attrs))];
      case "avg":
        return [divideByCells(poolSum(x, poolAttrs(attrs)), x.type.shape, attrs)];
      case "lp":
        return [root(poolSum(power(x, attrs.pValue), poolAttrs(attrs)), attrs.pValue)];
      default:
        throw new Error(poolType satisfies never);
    }
  },
  docs:
    "Maximum, mean, sum or `(sum x**p) ** (1/p)` of windows over the spatial axes. `max` has a " +
    "second result, the int32 positions in the flattened spatial axes; its gradient goes to the " +
    "first of equal cells.",
});
