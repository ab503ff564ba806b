import type { FunctionBuilder, FunctionRef, ModuleBuilder, Value } from "../assembler/index.js";
import { type ElementCode, multiplyAdd } from "./element.js";
import { functionOf, parametersOf } from "./parameters.js";
import type { Target } from "./tile.js";
import { bytesOfLanes, transpose } from "./transpose.js";

/**
 * `c (m, n) = a b`, or `+=` where `accumulate`, for matrices whose elements along the inner
 * dimension are adjacent: each element of c is a scalar product, summed in the same order whatever
 * m and n are. Strides in bytes; so for each of `batch` pairs of matrices.
 */
export const dotsParameters = [
  "batch",
  "aBatch",
  "bBatch",
  "cBatch",
  "m",
  "n",
  "k",
  "a",
  "aRow",
  "b",
  "bColumn",
  "c",
  "cRow",
  "cColumn",
  "accumulate",
] as const;

export function addDots(module: ModuleBuilder, target: Target): FunctionRef {
  const row = addDotRow(module, target);
  const code = module.function("dots", functionOf(dotsParameters));
  const of = parametersOf(code, dotsParameters);
  code.countUp(code.variable("i32", 0), of("batch"), 1, () => {
    writeDots(code, row);
    code.increase(of("a"), of("aBatch"));
    code.increase(of("b"), of("bBatch"));
    code.increase(of("c"), of("cBatch"));
  });
  return code;
}

/** One product, the fewer vectors in the outer loop. */
function writeDots(code: FunctionBuilder, row: FunctionRef): void {
  const of = parametersOf(code, dotsParameters);
  const across = (
    count: Value<"i32">,
    [from, step]: readonly [Value<"i32">, Value<"i32">],
    [many, y, yStep]: readonly [Value<"i32">, Value<"i32">, Value<"i32">],
    [cStep, cMany]: readonly [Value<"i32">, Value<"i32">],
  ) => {
    const [x, c] = [code.variable("i32", from), code.variable("i32", of("c"))];
    code.countUp(code.variable("i32", 0), count, 1, () => {
      code.call(row, many, of("k"), x, y, yStep, c, cMany, of("accumulate"));
      code.increase(x, step);
      code.increase(c, cStep);
    });
  };
  const [m, n] = [of("m"), of("n")];
  const [left, right] = [
    [of("a"), of("aRow")],
    [of("b"), of("bColumn")],
  ] as const;
  code.if(
    code.op("i32.lt_s", n, m),
    () => across(n, right, [m, ...left], [of("cColumn"), of("cRow")]),
    () => across(m, left, [n, ...right], [of("cRow"), of("cColumn")]),
  );
}

const rowParameters = ["count", "k", "x", "y", "yStep", "c", "cStep", "accumulate"] as const;

/**
 * Products of one vector x with `count` vectors y: as many at a time as a vector has lanes, then
 * single ones.
 */
function addDotRow(module: ModuleBuilder, target: Target): FunctionRef {
  const { element } = target;
  const code = module.helper("dotRow", functionOf(rowParameters));
  const of = parametersOf(code, rowParameters);
  const [y, yStep, c, cStep] = [of("y"), of("yStep"), of("c"), of("cStep")];
  const done = code.variable("i32");
  code.countUp(done, code.op("i32.sub", of("count"), element.lanes - 1), element.lanes, () => {
    const starts = [code.variable("i32", y)];
    for (let lane = 1; lane < element.lanes; lane++) {
      starts.push(code.variable("i32", code.op("i32.add", starts[lane - 1] ?? y, yStep)));
    }
    code.assign(y, code.op("i32.add", starts.at(-1) ?? y, yStep));
    const sums = dotSums(code, target, of("x"), starts, of("k"));
    storeLanes(code, element, sumColumns(code, element, sums), c, cStep, of("accumulate"));
  });
  code.countUp(done, of("count"), 1, () => {
    const sums = dotSums(code, target, of("x"), [code.variable("i32", y)], of("k"));
    const same = Array.from({ length: element.lanes }, () => sums[0] ?? code.variable("v128"));
    const total = code.variable("v128", sumColumns(code, element, same));
    addKnown(code, element, total, c, of("accumulate"));
    code.storeLane(element.storeLane, 0, c, total);
    code.increase(y, yStep);
    code.increase(c, cStep);
  });
  return code;
}

/**
 * For each of the vectors at `starts`, the products with the vector at `x` as sums by lane. Two
 * vectors at a time, with sums of their own, then one, then what is left, filled up with zeros.
 * Moves `starts`.
 */
function dotSums(
  code: FunctionBuilder,
  target: Target,
  x: Value<"i32">,
  starts: readonly Value<"i32">[],
  k: Value<"i32">,
): Value<"v128">[] {
  const { element } = target;
  const { lanes } = element;
  const zero = code.v128(new Uint8Array(16));
  const even = starts.map(() => code.variable("v128", zero));
  const odd = starts.map(() => code.variable("v128", zero));
  const from = [code.variable("i32", x), ...starts];
  const rest = code.variable("i32", k);
  const advance = (vectors: number) => {
    for (const address of from) code.increase(address, vectors * 16);
    code.increase(rest, -vectors * lanes);
  };
  const add = (sums: readonly Value<"v128">[], read: Read) =>
    addProducts(code, target, sums, from.map(read));
  code.block((end) => {
    code.branchIf(code.op("i32.lt_s", rest, 2 * lanes), end);
    code.loop((again) => {
      add(even, (address) => code.load("v128.load", address));
      add(odd, (address) => code.load("v128.load", address, 16));
      advance(2);
      code.branchIf(code.op("i32.ge_s", rest, 2 * lanes), again);
    });
  });
  code.if(code.op("i32.ge_s", rest, lanes), () => {
    add(even, (address) => code.load("v128.load", address));
    advance(1);
  });
  for (let count = 1; count < lanes; count++) {
    code.if(code.op("i32.eq", rest, count), () => {
      add(odd, (address) => loadFirst(code, element, count, address));
    });
  }
  return even.map((sum, lane) => code.op(element.add, sum, odd[lane] ?? sum));
}

type Read = (address: Value<"i32">) => Value<"v128">;

/** Adds to each sum the product of the first vector with one of the others. */
function addProducts(
  code: FunctionBuilder,
  { element, shape }: Target,
  sums: readonly Value<"v128">[],
  [left, ...others]: readonly Value<"v128">[],
): void {
  for (const [i, sum] of sums.entries()) {
    const right = others[i];
    if (left === undefined || right === undefined) throw new RangeError("no vector");
    code.assign(sum, multiplyAdd(code, element.type, shape.relaxed, left, right, sum));
  }
}

/** The first elements of a vector, without reading what follows; the others are zero. */
function loadFirst(
  code: FunctionBuilder,
  element: ElementCode,
  count: number,
  address: Value<"i32">,
): Value<"v128"> {
  if (count === 1) return code.load(element.loadFirst, address);
  const pair = code.load("v128.load64_zero", address);
  if (count === 2) return pair;
  return code.loadLane(element.loadLane, 2, address, pair, 2 * element.bytes);
}

/** The sum of the lanes of each vector, in order; for four lanes (l0 + l2) + (l1 + l3). */
export function sumColumns(
  code: FunctionBuilder,
  { add, lanes }: ElementCode,
  vectors: readonly Value<"v128">[],
): Value<"v128"> {
  const [v0, v1, v2, v3] = transpose(code, vectors);
  if (v0 === undefined || v1 === undefined) throw new RangeError(`no ${lanes} vectors`);
  if (v2 === undefined || v3 === undefined) return code.op(add, v0, v1);
  return code.op(add, code.op(add, v0, v2), code.op(add, v1, v3));
}

/** Adds to the first lane what is at `c`, where `accumulate`. */
function addKnown(
  code: FunctionBuilder,
  element: ElementCode,
  total: Value<"v128">,
  c: Value<"i32">,
  accumulate: Value<"i32">,
): void {
  code.if(accumulate, () => {
    code.assign(total, code.op(element.add, code.load(element.loadFirst, c), total));
  });
}

/** Stores each lane at the next address. */
function storeLanes(
  code: FunctionBuilder,
  element: ElementCode,
  total: Value<"v128">,
  c: Value<"i32">,
  cStep: Value<"i32">,
  accumulate: Value<"i32">,
): void {
  for (let lane = 0; lane < element.lanes; lane++) {
    const shift = Array.from({ length: 4 }, (_, i) => (lane * (element.bytes / 4) + i) % 4);
    const value = code.variable("v128", code.shuffle(total, total, bytesOfLanes(...shift)));
    addKnown(code, element, value, c, accumulate);
    code.storeLane(element.storeLane, 0, c, value);
    code.increase(c, cStep);
  }
}
