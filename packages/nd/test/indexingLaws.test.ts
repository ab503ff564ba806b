import fc from "fast-check";
import { autograd, type IndexKey, type NDArray, nd } from "../src/index.js";

type Shape = readonly number[];

/** A key as plain data, before it becomes an array. */
type Plain =
  | { readonly kind: "integer"; readonly at: number }
  | { readonly kind: "range"; readonly range: readonly [number | null, number | null, number] }
  | { readonly kind: "new" | "all" | "rest" }
  | { readonly kind: "array"; readonly shape: Shape; readonly data: readonly number[] }
  | { readonly kind: "mask"; readonly shape: Shape; readonly data: readonly boolean[] };

function product(shape: Shape): number {
  return shape.reduce((size, length) => size * length, 1);
}

/** All positions in an array of this shape, the last axis running fastest. */
function positions(shape: Shape): number[][] {
  return shape.reduce<number[][]>(
    (all, length) => all.flatMap((one) => Array.from({ length }, (_, at) => [...one, at])),
    [[]],
  );
}

function flatPosition(shape: Shape, position: readonly number[]): number {
  return shape.reduce((flat, length, axis) => flat * length + (position[axis] ?? 0), 0);
}

/** Python's `range(length)[begin:end:step]`, element by element. */
function sliced(
  length: number,
  [begin, end, step]: readonly [number | null, number | null, number],
) {
  const inside = (value: number) => (value < 0 ? value + length : value);
  const found: number[] = [];
  const first = begin === null ? (step > 0 ? 0 : length - 1) : inside(begin);
  const last = end === null ? (step > 0 ? length : -1) : inside(end);
  // A range begins within the array, and ends wherever it leaves it.
  const start = step > 0 ? Math.max(first, 0) : Math.min(first, length - 1);
  for (let at = start; at >= 0 && at < length && (at - last) * step < 0; at += step) found.push(at);
  return found;
}

/** What one axis of the result runs over: elements of a range, or of the common shape of the arrays. */
type Choice = { readonly kind: "range"; readonly list: readonly number[]; readonly axis: number };

/**
 * numpy's rule from its manual: masks are their `nonzero`; arrays and, beside them, integers are broadcast together;
 * their axes stand where they are if they are neighbours among the keys, else in front.
 */
function expected(shape: Shape, keys: readonly Plain[]): { shape: Shape; sources: number[] } {
  const used = keys.reduce((sum, key) => {
    if (key.kind === "mask") return sum + key.shape.length;
    return sum + (key.kind === "new" || key.kind === "rest" ? 0 : 1);
  }, 0);
  const missing = Array.from({ length: shape.length - used }, () => ({ kind: "all" as const }));
  const rest = keys.findIndex(({ kind }) => kind === "rest");
  const full: readonly Plain[] =
    rest < 0
      ? [...keys, ...missing]
      : [...keys.slice(0, rest), ...missing, ...keys.slice(rest + 1)];

  const advanced: { axis: number; shape: Shape; data: readonly number[]; at: number }[] = [];
  const outer: (Choice | "new")[] = [];
  const slots: ("advanced" | number)[] = [];
  let axis = 0;
  const hasArrays = full.some(({ kind }) => kind === "array" || kind === "mask");
  const fixed: [axis: number, at: number][] = [];
  full.forEach((key, at) => {
    const length = shape[axis] ?? 0;
    const wrap = (one: number) => (one < 0 ? one + length : one);
    if (key.kind === "new") slots.push(outer.push("new") - 1);
    else if (key.kind === "mask") {
      const places = positions(key.shape).filter((_, flat) => key.data[flat] === true);
      key.shape.forEach((_, own) => {
        const data = places.map((place) => place[own] ?? 0);
        advanced.push({ axis: axis + own, shape: [places.length], data, at });
      });
      slots.push("advanced");
      axis += key.shape.length;
    } else {
      if (key.kind === "array") {
        advanced.push({ axis, shape: key.shape, data: key.data.map(wrap), at });
        slots.push("advanced");
      } else if (key.kind === "integer" && hasArrays) {
        advanced.push({ axis, shape: [], data: [wrap(key.at)], at });
        slots.push("advanced");
      } else if (key.kind === "integer") fixed.push([axis, wrap(key.at)]);
      else {
        const list = sliced(length, key.kind === "range" ? key.range : [null, null, 1]);
        slots.push(outer.push({ kind: "range", list, axis }) - 1);
      }
      axis++;
    }
  });

  const rank = Math.max(0, ...advanced.map((one) => one.shape.length));
  const block = Array.from({ length: rank }, (_, at) => {
    const lengths = advanced.map((one) => one.shape[at - rank + one.shape.length] ?? 1);
    return lengths.find((length) => length !== 1) ?? 1;
  });
  const firstAdvanced = slots.indexOf("advanced");
  const together = !slots
    .slice(firstAdvanced, slots.lastIndexOf("advanced"))
    .some((slot) => slot !== "advanced");
  const before = together ? slots.slice(0, firstAdvanced).length : 0;
  const lengths = outer.map((one) => (one === "new" ? 1 : one.list.length));
  const insertAt = hasArrays ? (together ? before : 0) : lengths.length;
  const result = [...lengths.slice(0, insertAt), ...block, ...lengths.slice(insertAt)];

  const sources = positions(result).map((place) => {
    const inBlock = place.slice(insertAt, insertAt + rank);
    const others = [...place.slice(0, insertAt), ...place.slice(insertAt + rank)];
    const source = shape.map(() => 0);
    for (const [of, at] of fixed) source[of] = at;
    outer.forEach((one, at) => {
      if (one !== "new") source[one.axis] = one.list[others[at] ?? 0] ?? 0;
    });
    for (const one of advanced) {
      const own = one.shape.map((length, at) =>
        length === 1 ? 0 : (inBlock[rank - one.shape.length + at] ?? 0),
      );
      source[one.axis] = one.data[flatPosition(one.shape, own)] ?? 0;
    }
    return flatPosition(shape, source);
  });
  return { shape: result.length === 0 ? [1] : result, sources };
}

const bound = (length: number) => fc.option(fc.integer({ min: -length - 2, max: length + 2 }));

function axisKey(length: number, block: Shape): fc.Arbitrary<Plain> {
  const index = fc.integer({ min: -length, max: Math.max(length - 1, 0) });
  const kinds: fc.Arbitrary<Plain>[] = [
    fc.constant({ kind: "all" }),
    fc
      .tuple(bound(length), bound(length), fc.constantFrom(1, 2, -1, -2, 3))
      .map((range) => ({ kind: "range", range })),
  ];
  const shapes = [block, block.map(() => 1), block.slice(1)];
  const array = fc
    .constantFrom(...shapes)
    .chain((shape) =>
      fc
        .array(index, { minLength: product(shape), maxLength: product(shape) })
        .map((data): Plain => ({ kind: "array", shape, data })),
    );
  if (length > 0)
    kinds.push(
      index.map((at) => ({ kind: "integer", at })),
      array,
    );
  return fc.oneof(...kinds);
}

/** An array's shape, and keys for some of its axes, with new axes and an ellipsis among them. */
const selections = fc
  .tuple(
    fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 4 }),
    fc.constantFrom<Shape>([2], [3], [2, 3], [1, 2]),
    fc.array(fc.nat(3), { maxLength: 2 }),
    fc.option(fc.nat(4)),
    fc.nat(4),
  )
  .chain(([shape, block, news, rest, count]) => {
    const named = Math.min(count, shape.length);
    const before = rest === null ? named : Math.min(rest, named);
    const lengths = [...shape.slice(0, before), ...shape.slice(shape.length - (named - before))];
    const own = named - before === 0 ? lengths.slice(0, before) : lengths;
    return fc.tuple(...own.map((length) => axisKey(length, block))).map((keys) => {
      const plain: Plain[] = [...keys];
      if (rest !== null) plain.splice(before, 0, { kind: "rest" });
      for (const at of news) plain.splice(Math.min(at, plain.length), 0, { kind: "new" });
      return { shape, keys: plain };
    });
  });

/** A mask for some neighbouring axes, and a range before and an index or a range after them. */
const masked = fc
  .tuple(
    fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }),
    fc.nat(3),
    fc.nat(3),
  )
  .chain(([shape, from, count]) => {
    const first = Math.min(from, shape.length - 1);
    const own = shape.slice(first, first + 1 + Math.min(count, 1));
    const after = shape[first + own.length];
    const tail: fc.Arbitrary<Plain[]> =
      after === undefined
        ? fc.constant<Plain[]>([])
        : fc.oneof(fc.constant<Plain[]>([]), fc.constant<Plain[]>([{ kind: "integer", at: -1 }]));
    return fc
      .tuple(fc.array(fc.boolean(), { minLength: product(own), maxLength: product(own) }), tail)
      .map(([data, more]) => {
        const lead = shape.slice(0, first).map((): Plain => ({ kind: "all" }));
        return { shape, keys: [...lead, { kind: "mask" as const, shape: own, data }, ...more] };
      });
  });

/** Numbers in a shape, in which axes may have length 0. */
function shaped(
  data: readonly number[],
  shape: Shape,
  dtype: "float32" | "int32" | "bool",
): NDArray {
  if (shape.length === 0) return nd.array(data[0] ?? 0, { dtype });
  return data.length === 0 ? nd.zeros(shape, { dtype }) : nd.array(data, { dtype }).reshape(shape);
}

function keyOf(plain: Plain): IndexKey {
  switch (plain.kind) {
    case "integer":
      return plain.at;
    case "range":
      return plain.range;
    case "new":
      return null;
    case "all":
      return ":";
    case "rest":
      return "...";
    case "array":
      return shaped(plain.data, plain.shape, "int32");
    case "mask":
      return shaped(plain.data.map(Number), plain.shape, "bool");
    default:
      return plain satisfies never;
  }
}

function counted(shape: Shape): NDArray {
  const data = Array.from({ length: product(shape) }, (_, at) => at);
  return shaped(data, shape, "float32");
}

function checkSelection({ shape, keys }: { shape: Shape; keys: readonly Plain[] }): void {
  const want = expected(shape, keys);
  const given = keys.map(keyOf);
  const x = counted(shape).attachGrad();
  expect([x.at(...given).shape, [...x.at(...given).toFlat()]]).toEqual([want.shape, want.sources]);

  const y = autograd.record(() => x.at(...given));
  expect([y.shape, [...y.toFlat()]]).toEqual([want.shape, want.sources]);
  const weights = want.sources.map((_, at) => at + 1);
  y.backward(shaped(weights, want.shape, "float32"));
  const sums = new Array<number>(product(shape)).fill(0);
  want.sources.forEach((source, at) => {
    sums[source] = (sums[source] ?? 0) + (weights[at] ?? 0);
  });
  expect([...(x.grad?.toFlat() ?? [])]).toEqual(sums);

  const written = counted(shape);
  written.setAt(given, shaped(weights, want.shape, "float32"));
  const values = Array.from({ length: product(shape) }, (_, at) => at);
  want.sources.forEach((source, at) => {
    values[source] = weights[at] ?? 0;
  });
  expect([...written.toFlat()]).toEqual(values);
}

describe("at, its gradient, and setAt follow numpy's rule, element by element", () => {
  test("integers, ranges, new axes, ellipsis and arrays of integers", () => {
    fc.assert(fc.property(selections, checkSelection), { numRuns: 250 });
  });

  test("masks of truth values", () => {
    fc.assert(fc.property(masked, checkSelection), { numRuns: 150 });
  });
});
