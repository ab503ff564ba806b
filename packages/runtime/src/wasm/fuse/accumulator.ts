import type { DType } from "@adjoint/graph";
import { int64Folds } from "../../kernels/int64/folds.js";
import { highest, lowest } from "../../kernels/reducers.js";
import type { Value } from "../assembler/index.js";
import { upperHalf } from "../math/halves.js";
import { LaneMath } from "../math/laneMath.js";
import type { GroupValue } from "./group.js";
import type { LaneCode } from "./laneCode.js";
import { isWide, type Lanes, laneCount, partOf, type Vector } from "./lanes.js";

type Monoid = (GroupValue & { kind: "reduce" })["monoid"];

/** The running result of one reduction, four elements side by side. */
export interface Accumulator {
  /** All that it keeps, `accumulatorVectors` of them. */
  readonly state: readonly Value<"v128">[];
  /** Takes in the first `count` of four elements. */
  add(x: Lanes, count: number): void;
  /** Takes in another accumulator of the same reduction. */
  merge(other: Accumulator): void;
  /** The result of each lane alone. */
  perLane(): Lanes;
  /** The result of all lanes, in every lane. */
  across(): Lanes;
}

/**
 * Sums and products of singles and halves are carried in double precision, sums of doubles with a
 * correction term; integers wrap.
 */
export function accumulatorOf(lanes: LaneCode, monoid: Monoid, dtype: DType): Accumulator {
  if (dtype === "float64" && monoid === "sum") return new CompensatedSum(lanes);
  const isFold = monoid === "sum" || monoid === "prod";
  return new Fold(lanes, monoid, dtype, isFold ? carriedIn(dtype) : dtype);
}

/** Vectors that an accumulator keeps. */
export function accumulatorVectors(monoid: Monoid, dtype: DType): number {
  if (dtype === "float64" && monoid === "sum") return 4;
  const isFold = monoid === "sum" || monoid === "prod";
  return isWide(isFold ? carriedIn(dtype) : dtype) ? 2 : 1;
}

/** What sums and products of a dtype are carried in. */
function carriedIn(dtype: DType): DType {
  switch (dtype) {
    case "float32":
    case "float16":
    case "float64":
      return "float64";
    case "int8":
    case "uint8":
    case "bool":
    case "int32":
      return "int32";
    case "int64":
      return "int64";
    default:
      return dtype satisfies never;
  }
}

function identityOf(lanes: LaneCode, monoid: Monoid, dtype: DType): Lanes {
  if (dtype === "int64") return lanes.long(int64Folds[monoid].identity);
  const numbers = { sum: 0, prod: 1, max: lowest[dtype], min: highest[dtype] };
  return lanes.constant(numbers[monoid], dtype);
}

const operators = { sum: "add", prod: "mul", max: "max", min: "min" } as const;

class Fold implements Accumulator {
  readonly parts: readonly Value<"v128">[];

  constructor(
    private readonly lanes: LaneCode,
    private readonly monoid: Monoid,
    private readonly dtype: DType,
    private readonly carried: DType,
  ) {
    const { code } = lanes.context;
    this.parts = this.identity().parts.map((part) => code.variable("v128", part));
  }

  get state(): readonly Value<"v128">[] {
    return this.parts;
  }

  add(x: Lanes, count: number): void {
    this.fold(keepLanes(this.lanes, this.lanes.cast(x, this.carried), this.identity(), count));
  }

  merge(other: Accumulator): void {
    if (other instanceof Fold) this.fold({ dtype: this.carried, parts: other.parts });
  }

  perLane(): Lanes {
    return this.lanes.cast({ dtype: this.carried, parts: this.parts }, this.dtype);
  }

  across(): Lanes {
    const { code } = this.lanes.context;
    const wide = isWide(this.carried);
    const [first, second] = this.parts;
    if (first === undefined) throw new RangeError("no parts");
    let all = first;
    if (wide && second !== undefined) all = this.combine(first, second);
    const halves = this.combine(all, code.shuffle(all, all, upperHalf));
    if (wide) return this.lanes.cast(same(this.carried, splatLow(code, halves, 8)), this.dtype);
    const pair = code.shuffle(halves, halves, nextWords);
    const whole = same(this.carried, splatLow(code, this.combine(halves, pair), 4));
    return this.lanes.cast(whole, this.dtype);
  }

  private identity(): Lanes {
    return identityOf(this.lanes, this.monoid, this.carried);
  }

  private fold(x: Lanes): void {
    const { code } = this.lanes.context;
    this.parts.forEach((part, i) => {
      code.assign(part, this.combine(part, partOf(x, i)));
    });
  }

  private combine(a: Vector, b: Vector): Vector {
    const [x, y] = [a, b].map((part) => ({ dtype: this.carried, parts: [part] }));
    if (x === undefined || y === undefined) throw new RangeError("two operands");
    return partOf(this.lanes.binary(operators[this.monoid], x, y));
  }
}

/** M. Pichat's and A. Neumaier's sum, with Knuth's error of an addition, which takes no branch. */
class CompensatedSum implements Accumulator {
  readonly sums: readonly Value<"v128">[];
  readonly lost: readonly Value<"v128">[];
  private readonly math: LaneMath;

  constructor(private readonly lanes: LaneCode) {
    this.math = new LaneMath(lanes.context, "f64x2");
    const zero = () => lanes.context.code.variable("v128", this.math.vector(0));
    this.sums = [zero(), zero()];
    this.lost = [zero(), zero()];
  }

  get state(): readonly Value<"v128">[] {
    return [...this.sums, ...this.lost];
  }

  add(x: Lanes, count: number): void {
    const kept = keepLanes(this.lanes, x, this.lanes.constant(0, "float64"), count);
    this.sums.forEach((_, i) => {
      this.addPart(i, partOf(kept, i));
    });
  }

  merge(other: Accumulator): void {
    if (!(other instanceof CompensatedSum)) return;
    const { code } = this.lanes.context;
    this.lost.forEach((lost, i) => {
      this.addPart(i, partOf({ dtype: "float64", parts: other.sums }, i));
      const rest = partOf({ dtype: "float64", parts: other.lost }, i);
      code.assign(lost, this.math.add(lost, rest));
    });
  }

  perLane(): Lanes {
    const parts = this.sums.map((sum, i) => this.corrected(sum, this.lost[i] ?? sum));
    return { dtype: "float64", parts };
  }

  across(): Lanes {
    const { code } = this.lanes.context;
    const [low, high] = this.sums;
    const [lostLow, lostHigh] = this.lost;
    if (!low || !high || !lostLow || !lostHigh) throw new RangeError("two parts");
    const both = this.exactSum(low, high);
    const lost = this.math.add(this.math.add(lostLow, lostHigh), both.error);
    const total = this.exactSum(both.sum, code.shuffle(both.sum, both.sum, upperHalf));
    const rest = this.math.add(lost, code.shuffle(lost, lost, upperHalf));
    const value = this.corrected(total.sum, this.math.add(rest, total.error));
    return same("float64", splatLow(code, value, 8));
  }

  private addPart(i: number, x: Vector): void {
    const { code } = this.lanes.context;
    const [sum, lost] = [this.sums[i], this.lost[i]];
    if (sum === undefined || lost === undefined) throw new RangeError("two parts");
    const next = this.exactSum(sum, x);
    code.assign(lost, this.math.add(lost, next.error));
    code.assign(sum, next.sum);
  }

  private exactSum(a: Vector, b: Vector) {
    const { math } = this;
    const sum = math.add(a, b);
    const added = math.subtract(sum, a);
    const errorOfA = math.subtract(a, math.subtract(sum, added));
    return { sum, error: math.add(errorOfA, math.subtract(b, added)) };
  }

  /** Of an infinite sum the correction is NaN, and the sum itself is right. */
  private corrected(sum: Vector, lost: Vector): Vector {
    const { math } = this;
    const finite = math.less(math.absolute(sum), Infinity);
    return math.select(finite, math.add(sum, lost), sum);
  }
}

/** Four elements of which those from `count` on are replaced. */
function keepLanes({ context: { code } }: LaneCode, x: Lanes, others: Lanes, count: number): Lanes {
  if (count === laneCount) return x;
  const bytes = isWide(x.dtype) ? 8 : 4;
  const parts = x.parts.map((part, i) => {
    const kept = Math.max(0, Math.min(16 / bytes, count - (i * 16) / bytes)) * bytes;
    if (kept === 16) return part;
    if (kept === 0) return partOf(others, i);
    const chosen = Array.from({ length: 16 }, (_, byte) => (byte < kept ? byte : byte + 16));
    return code.shuffle(part, partOf(others, i), chosen);
  });
  return { dtype: x.dtype, parts };
}

const nextWords = [4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11];

/** The lowest `bytes` bytes in every lane. */
function splatLow(code: LaneCode["context"]["code"], x: Vector, bytes: 4 | 8): Vector {
  return code.shuffle(
    x,
    x,
    Array.from({ length: 16 }, (_, byte) => byte % bytes),
  );
}

function same(dtype: DType, part: Vector): Lanes {
  return { dtype, parts: isWide(dtype) ? [part, part] : [part] };
}
