import type { FunctionBuilder, FunctionRef, ModuleBuilder, Value } from "../assembler/index.js";
import { beginFunction } from "../library/definition.js";

/** Keys are doubles, none of them NaN, or 64-bit integers. */
export type KeyType = "f64" | "i64";

type Key = Value<"f64"> | Value<"i64">;
type Address = Value<"i32">;

/** Runs of this length are sorted by insertion before merging starts. */
const runLength = 16;

/** `base` plus `index` elements of `bytes` bytes. */
export function addressOf(
  code: FunctionBuilder,
  base: Address,
  index: Value<"i32">,
  bytes: number,
): Address {
  return code.op("i32.add", base, code.op("i32.mul", index, bytes));
}

function loadKey(code: FunctionBuilder, type: KeyType, address: Address): Key {
  return type === "f64" ? code.load("f64.load", address) : code.load("i64.load", address);
}

export function storeKey(code: FunctionBuilder, type: KeyType, address: Address, key: Key): void {
  if (key.type !== type) throw new TypeError(`no ${type}`);
  if (key.type === "f64") code.store("f64.store", address, key);
  else code.store("i64.store", address, key);
}

function greater(code: FunctionBuilder, a: Key, b: Key): Value<"i32"> {
  if (a.type === "f64" && b.type === "f64") return code.op("f64.gt", a, b);
  if (a.type === "i64" && b.type === "i64") return code.op("i64.gt_s", a, b);
  throw new TypeError("keys of two types");
}

function keyVariable(code: FunctionBuilder, type: KeyType): Key {
  return type === "f64" ? code.variable("f64") : code.variable("i64");
}

function assignKey(code: FunctionBuilder, variable: Key, key: Key): void {
  if (variable.type === "f64" && key.type === "f64") code.assign(variable, key);
  else if (variable.type === "i64" && key.type === "i64") code.assign(variable, key);
  else throw new TypeError("keys of two types");
}

const parameters = ["keys", "order", "length", "count"] as const;

/**
 * A function that sorts the first `count` of `length` keys and, along with them, numbers: stable,
 * by merging runs from the bottom up. Behind the keys and behind the numbers there is room for as
 * many again.
 */
export function addMergeSort(module: ModuleBuilder, type: KeyType): FunctionRef {
  const insertion = addInsertionSort(module, type);
  const merge = addMerge(module, type);
  const { code, of, ref } = beginFunction(module, "mergeSort", parameters, "own");
  const [count, length] = [of("count"), of("length")];
  const start = code.variable("i32", 0);
  code.countUp(start, count, runLength, () => {
    const end = smaller(code, code.op("i32.add", start, runLength), count);
    code.call(insertion, of("keys"), of("order"), start, end);
  });
  const [keys, order] = [code.variable("i32", of("keys")), code.variable("i32", of("order"))];
  const otherKeys = code.variable("i32", addressOf(code, keys, length, 8));
  const otherOrder = code.variable("i32", addressOf(code, order, length, 4));
  const width = code.variable("i32", runLength);
  code.block((done) => {
    code.loop((again) => {
      code.branchIf(code.op("i32.ge_s", width, count), done);
      mergeRuns(code, merge, { keys, order, otherKeys, otherOrder, width, count });
      const [lastKeys, lastOrder] = [code.variable("i32", keys), code.variable("i32", order)];
      code.assign(keys, otherKeys);
      code.assign(order, otherOrder);
      code.assign(otherKeys, lastKeys);
      code.assign(otherOrder, lastOrder);
      code.assign(width, code.op("i32.shl", width, 1));
      code.branch(again);
    });
  });
  code.if(code.op("i32.ne", order, of("order")), () => {
    code.copy(of("order"), order, code.op("i32.mul", count, 4));
  });
  return ref;
}

interface Runs {
  readonly keys: Address;
  readonly order: Address;
  readonly otherKeys: Address;
  readonly otherOrder: Address;
  readonly width: Value<"i32">;
  readonly count: Value<"i32">;
}

/** Merges neighbouring runs of `width` keys. */
function mergeRuns(code: FunctionBuilder, merge: FunctionRef, runs: Runs): void {
  const { keys, order, otherKeys, otherOrder, width, count } = runs;
  const start = code.variable("i32", 0);
  code.block((done) => {
    code.loop((again) => {
      code.branchIf(code.op("i32.ge_s", start, count), done);
      const middle = smaller(code, code.op("i32.add", start, width), count);
      const end = smaller(code, code.op("i32.add", middle, width), count);
      code.call(merge, keys, order, otherKeys, otherOrder, start, middle, end);
      code.assign(start, end);
      code.branch(again);
    });
  });
}

function smaller(code: FunctionBuilder, a: Value<"i32">, b: Value<"i32">): Value<"i32"> {
  return code.select(code.op("i32.lt_s", a, b), a, b);
}

function addInsertionSort(module: ModuleBuilder, type: KeyType): FunctionRef {
  const names = ["keys", "order", "start", "end"] as const;
  const { code, of, ref } = beginFunction(module, "insertionSort", names, "own");
  const i = code.variable("i32", code.op("i32.add", of("start"), 1));
  code.countUp(i, of("end"), 1, () => {
    const key = loadKey(code, type, addressOf(code, of("keys"), i, 8));
    const number = code.load("i32.load", addressOf(code, of("order"), i, 4));
    const j = code.variable("i32", i);
    code.block((found) => {
      code.loop((again) => {
        code.branchIf(code.op("i32.le_s", j, of("start")), found);
        const before = code.op("i32.sub", j, 1);
        const other = loadKey(code, type, addressOf(code, of("keys"), before, 8));
        code.branchIf(code.op("i32.eqz", greater(code, other, key)), found);
        storeKey(code, type, addressOf(code, of("keys"), j, 8), other);
        const moved = code.load("i32.load", addressOf(code, of("order"), before, 4));
        code.store("i32.store", addressOf(code, of("order"), j, 4), moved);
        code.assign(j, before);
        code.branch(again);
      });
    });
    storeKey(code, type, addressOf(code, of("keys"), j, 8), key);
    code.store("i32.store", addressOf(code, of("order"), j, 4), number);
  });
  return ref;
}

/**
 * Two sorted runs, [start, middle) and [middle, end), to one; of equal keys those of the first come
 * first.
 */
function addMerge(module: ModuleBuilder, type: KeyType): FunctionRef {
  const names = ["keys", "order", "toKeys", "toOrder", "start", "middle", "end"] as const;
  const { code, of, ref } = beginFunction(module, "merge", names, "own");
  const [middle, end] = [of("middle"), of("end")];
  const [left, right] = [code.variable("i32", of("start")), code.variable("i32", middle)];
  const at = code.variable("i32", of("start"));
  const [leftKey, rightKey] = [keyVariable(code, type), keyVariable(code, type)];
  const read = (variable: Key, index: Value<"i32">, limit: Value<"i32">) =>
    code.if(code.op("i32.lt_s", index, limit), () =>
      assignKey(code, variable, loadKey(code, type, addressOf(code, of("keys"), index, 8))),
    );
  read(leftKey, left, middle);
  read(rightKey, right, end);
  const take = (index: Value<"i32">, key: Key, limit: Value<"i32">) => {
    storeKey(code, type, addressOf(code, of("toKeys"), at, 8), key);
    const number = code.load("i32.load", addressOf(code, of("order"), index, 4));
    code.store("i32.store", addressOf(code, of("toOrder"), at, 4), number);
    code.increase(index, 1);
    read(key, index, limit);
  };
  code.countUp(at, end, 1, () => {
    const leftOver = code.op("i32.ge_s", left, middle);
    const rightThere = code.op("i32.lt_s", right, end);
    const rightFirst = code.op("i32.or", leftOver, greater(code, leftKey, rightKey));
    code.if(
      code.op("i32.and", rightThere, rightFirst),
      () => take(right, rightKey, end),
      () => take(left, leftKey, middle),
    );
  });
  return ref;
}
