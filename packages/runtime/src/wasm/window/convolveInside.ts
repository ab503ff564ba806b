import type { FunctionBuilder, ModuleBuilder, Value } from "../assembler/index.js";
import type { ElementCode } from "../contract/element.js";
import { beginFunction } from "../library/definition.js";
import { forEachTapRow, poolParameters, type TapRow } from "./tapRows.js";

const axes = ["image", "filter", "channel"] as const;

type Axis = (typeof axes)[number];

/** The axes of each of the three arrays of a convolution, within a group. */
const axesOf = {
  data: ["image", "channel"],
  result: ["image", "filter"],
  weight: ["filter", "channel"],
} as const;

type ArrayName = keyof typeof axesOf;

/** The array that each form computes from the other two. */
const targets = {
  convolveInside: "result",
  convolveDataInside: "data",
  convolveWeightInside: "weight",
} as const;

/**
 * Lengths of axes, then strides in bytes of each array along its axes, and lengths in bytes of a
 * plane and of the weights of a filter's channel. `planes` is 1, and `positions` is not used.
 */
export const insideParameters = [
  ...poolParameters,
  "weight",
  "groups",
  "images",
  "filters",
  "channels",
  "dataGroup",
  "dataImage",
  "dataChannel",
  "resultGroup",
  "resultImage",
  "resultFilter",
  "weightGroup",
  "weightFilter",
  "weightChannel",
] as const;

/** Enough sums to hide the time that an addition takes. */
const vectorsAtOnce = 4;

type Of = (name: (typeof insideParameters)[number]) => Value<"i32">;

/** A place in each loop that is open. */
type Indices = { readonly [A in Axis | "group"]?: Value<"i32"> };

/**
 * Functions that compute again, tap by tap, what weights that are not finite take part in, or come
 * out of: the fast ones multiply them, or what made them so, with the zeros around planes, which
 * makes NaN of an infinity. The sums of one filter or channel are taken from one way or the other.
 */
export function addConvolveInside(module: ModuleBuilder, element: ElementCode): void {
  for (const name of ["convolveInside", "convolveDataInside", "convolveWeightInside"] as const) {
    const { code, of } = beginFunction(module, name, insideParameters);
    writeInside(code, of, element, targets[name]);
  }
}

function writeInside(code: FunctionBuilder, of: Of, element: ElementCode, target: ArrayName): void {
  const own: readonly Axis[] = axesOf[target];
  const units = own.filter((axis) => axis !== "image");
  const checked = axesOf.weight.filter((axis) => !units.includes(axis));
  const whole = own.filter((axis) => axis === "image");
  const summed = axes.filter((axis) => !own.includes(axis));
  returnIfFinite(code, of, element);
  loops(code, of, ["group", ...units], {}, (unit) => {
    const strange = code.variable("i32", 0);
    loops(code, of, checked, unit, (at) => {
      const from = addressOf(code, of, "weight", at);
      const length = of("weightChannel");
      const found = code.op("v128.any_true", strangeness(code, element, from, length));
      code.assign(strange, code.op("i32.or", strange, found));
    });
    code.if(strange, () =>
      loops(code, of, whole, unit, (place) => {
        code.clear(addressOf(code, of, target, place), of(blocks[target]));
        loops(code, of, summed, place, (pair) => addPairs(code, of, element, target, pair));
      }),
    );
  });
}

/** Bytes of a plane, or of the weights of a channel. */
const blocks = { data: "dataChannel", result: "resultFilter", weight: "weightChannel" } as const;

const lengths = {
  group: "groups",
  image: "images",
  filter: "filters",
  channel: "channels",
} as const;

const strides = {
  data: { group: "dataGroup", image: "dataImage", channel: "dataChannel" },
  result: { group: "resultGroup", image: "resultImage", filter: "resultFilter" },
  weight: { group: "weightGroup", filter: "weightFilter", channel: "weightChannel" },
} as const;

function loops(
  code: FunctionBuilder,
  of: Of,
  [axis, ...rest]: readonly (Axis | "group")[],
  outer: Indices,
  body: (indices: Indices) => void,
): void {
  if (axis === undefined) {
    body(outer);
    return;
  }
  const index = code.variable("i32", 0);
  code.countUp(index, of(lengths[axis]), 1, () =>
    loops(code, of, rest, { ...outer, [axis]: index }, body),
  );
}

function addressOf(
  code: FunctionBuilder,
  of: Of,
  array: ArrayName,
  indices: Indices,
): Value<"i32"> {
  const own: { readonly [A in Axis | "group"]?: Parameters<Of>[0] } = strides[array];
  let address = of(array);
  for (const axis of ["group", ...axes] as const) {
    const [stride, index] = [own[axis], indices[axis]];
    if (stride === undefined || index === undefined) continue;
    address = code.op("i32.add", address, code.op("i32.mul", index, of(stride)));
  }
  return address;
}

/** The weights of a filter's channels are adjacent: a pass in the order of memory. */
function returnIfFinite(code: FunctionBuilder, of: Of, element: ElementCode): void {
  const strange = code.variable("v128", code.v128(new Uint8Array(16)));
  const length = code.op("i32.mul", of("channels"), of("weightChannel"));
  loops(code, of, ["group", "filter"], {}, (at) => {
    const from = addressOf(code, of, "weight", at);
    const found = strangeness(code, element, from, length);
    code.assign(strange, code.op("v128.or", strange, found));
  });
  code.if(code.op("i32.eqz", code.op("v128.any_true", strange)), () => code.return());
}

/**
 * Lanes set where one of the elements in so many bytes is infinite or NaN: then its difference from
 * itself is NaN.
 */
function strangeness(
  code: FunctionBuilder,
  element: ElementCode,
  from: Value<"i32">,
  length: Value<"i32">,
): Value<"v128"> {
  const { subtract, add, differ } = floatOps(element);
  const at = code.variable("i32", from);
  const zero = code.v128(new Uint8Array(16));
  const sums = Array.from({ length: vectorsAtOnce }, () => code.variable("v128", zero));
  const end = code.op("i32.add", from, length);
  const meet = (sum: Value<"v128">, value: Value<"v128">) =>
    code.assign(sum, code.op(add, sum, code.op(subtract, value, value)));
  const block = 16 * vectorsAtOnce;
  code.countUp(at, code.op("i32.sub", end, block - 1), block, () => {
    for (const [i, sum] of sums.entries()) meet(sum, code.load("v128.load", at, 16 * i));
  });
  const [first = zero, ...others] = sums;
  code.countUp(at, end, element.bytes, () => meet(first, code.load(element.loadFirst, at)));
  const sum = others.reduce((all, one) => code.op(add, all, one), first);
  return code.op(differ, sum, sum);
}

/** Adds the products of two arrays to the third, for all that meets in one pair of planes. */
function addPairs(
  code: FunctionBuilder,
  of: Of,
  element: ElementCode,
  target: ArrayName,
  pair: Indices,
): void {
  const { bytes } = element;
  const [data, result, weight] = (["data", "result", "weight"] as const).map((array) =>
    code.variable("i32", addressOf(code, of, array, pair)),
  );
  if (data === undefined || result === undefined || weight === undefined) return;
  const place = (base: Value<"i32">, index: Value<"i32">) =>
    code.variable("i32", code.op("i32.add", base, code.op("i32.mul", index, bytes)));
  const tap = (row: TapRow) => {
    const at = {
      data: place(data, row.data),
      result: place(result, row.result),
      weight: place(weight, row.tap()),
    };
    const step = code.op("i32.mul", of("xStride"), bytes);
    code.countUp(code.variable("i32", 0), row.count, 1, () => {
      addProduct(code, element, target, at);
      code.increase(at.data, step);
      code.increase(at.result, bytes);
    });
  };
  forEachTapRow(code, { tap }, () => {});
}

function addProduct(
  code: FunctionBuilder,
  element: ElementCode,
  target: ArrayName,
  at: { readonly [A in ArrayName]: Value<"i32"> },
): void {
  const { multiply, add } = floatOps(element);
  const load = (array: ArrayName) => code.load(element.loadFirst, at[array]);
  const [left, right]: readonly [ArrayName, ArrayName] =
    target === "data"
      ? ["weight", "result"]
      : target === "result"
        ? ["weight", "data"]
        : ["result", "data"];
  const product = code.op(multiply, load(left), load(right));
  code.storeLane(element.storeLane, 0, at[target], code.op(add, load(target), product));
}

function floatOps({ bytes }: ElementCode) {
  return bytes === 4
    ? ({
        add: "f32x4.add",
        subtract: "f32x4.sub",
        multiply: "f32x4.mul",
        differ: "f32x4.ne",
      } as const)
    : ({
        add: "f64x2.add",
        subtract: "f64x2.sub",
        multiply: "f64x2.mul",
        differ: "f64x2.ne",
      } as const);
}
