import { equalShapes, formatShape, type Operand, ShapeError } from "@adjoint/graph";
import { checkOperands } from "../core/define.js";
import { readOptions } from "../core/options.js";
import { sameDType } from "../core/shapes.js";
import { add, mul, sub } from "../elementwise/arithmetic.js";
import { castTo } from "../elementwise/cast.js";
import {
  equal,
  lesser,
  lesserEqual,
  logicalAnd,
  logicalOr,
  notEqual,
} from "../elementwise/compare.js";
import { abs } from "../elementwise/sign.js";
import { prodAxes } from "../reduce/prod.js";

export interface AllcloseOptions {
  /** Tolerance in parts of b's element. */
  rtol: number;
  /** Tolerance that does not depend on the elements. */
  atol: number;
  /** Whether NaN equals NaN. */
  equalNan: boolean;
}

const defaults: AllcloseOptions = { rtol: 1e-5, atol: 1e-8, equalNan: true };

/**
 * Whether two arrays are equal up to rounding: `|a - b| <= atol + rtol |b|` everywhere.
 *
 * @param a any shape and dtype
 * @param b a's shape and dtype
 * @returns uint8 without axes: 1 if all elements are close, else 0
 * @throws ShapeError if the shapes differ; DTypeError if the dtypes differ
 * @derivative 0 everywhere: the result is piecewise constant
 * @edges an infinity is close to itself only, as in numpy; MXNet also finds it close to others
 * @edges 1 for arrays without elements
 * @example
 * ```ts
 * nd.contrib.allclose(nd.array([1, 2]), nd.array([1, 2.00001])); // 1
 * nd.contrib.allclose(nd.array([1, 2]), nd.array([1, 2.1])); // 0
 * ```
 */
export function allclose<T extends Operand<T>>(a: T, b: T, options?: Partial<AllcloseOptions>): T {
  const op = "contrib.allclose";
  checkOperands(op, [a, b]);
  sameDType(op, [a.type, b.type]);
  const { rtol, atol, equalNan } = readOptions(op, options, defaults);
  const { shape } = a.type;
  if (!equalShapes(shape, b.type.shape)) {
    throw new ShapeError({
      op,
      problem: "shapes differ",
      received: `${formatShape(shape)} and ${formatShape(b.type.shape)}`,
      allowed: "equal shapes",
    });
  }
  const [x, y] = [castTo(a, "float64"), castTo(b, "float64")];
  const size = abs(y);
  const within = lesserEqual(abs(sub(x, y)), add(mul(size, rtol), atol));
  const near = logicalOr(equal(x, y), logicalAnd(within, lesser(size, Number.POSITIVE_INFINITY)));
  const close = equalNan ? logicalOr(near, logicalAnd(notEqual(x, x), notEqual(y, y))) : near;
  return prodAxes(castTo(close, "uint8"), [...shape.keys()]);
}
