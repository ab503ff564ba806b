import { ArgumentError, equalTypes, formatType, ShapeError, type TensorType } from "@adjoint/graph";
import { describe } from "@adjoint/ops";
import { NDArray } from "../array/ndarray.js";

/** An array, or lists of arrays to any depth. */
export type Arrays = NDArray | readonly Arrays[];

/** The arrays in the order of the lists. Throws an ArgumentError for anything else among them. */
export function flattenArrays(op: string, what: string, given: unknown): readonly NDArray[] {
  if (given instanceof NDArray) return [given];
  if (Array.isArray(given)) return given.flatMap((one) => flattenArrays(op, what, one));
  throw new ArgumentError({
    op,
    problem: `${what} holds something else than arrays`,
    received: describe(given),
    allowed: "an NDArray, or lists of them",
  });
}

/** Arrays in the lists of `like`, in its order. */
export function regroup(like: Arrays, arrays: readonly NDArray[]): Arrays {
  const rest = arrays.values();
  const place = (one: Arrays): Arrays => {
    if (!(one instanceof NDArray)) return one.map(place);
    const { value, done } = rest.next();
    if (done === true) throw new Error("regroup: too few arrays");
    return value;
  };
  return place(like);
}

/** Refuses a body that does not give back as many arrays, of the same types, as it was given. */
export function checkSameTypes(
  op: string,
  what: string,
  before: readonly TensorType[],
  after: readonly TensorType[],
): void {
  if (before.length !== after.length) {
    throw new ArgumentError({
      op,
      problem: `another number of ${what} than before`,
      received: String(after.length),
      allowed: String(before.length),
    });
  }
  before.forEach((type, at) => {
    const next = after[at];
    if (next === undefined || equalTypes(type, next)) return;
    throw new ShapeError({
      op,
      problem: `${what}: array ${at + 1} is of another type than before`,
      received: formatType(next),
      allowed: formatType(type),
    });
  });
}

/** Refuses anything but a function. */
export function checkFunction(op: string, name: string, given: unknown): void {
  if (typeof given === "function") return;
  throw new ArgumentError({
    op,
    problem: `${name} is not a function`,
    received: describe(given),
    allowed: "a function",
  });
}

/** The two parts that the body of a loop returns. */
export function checkPair(op: string, given: unknown): readonly [unknown, unknown] {
  if (Array.isArray(given) && given.length === 2) return [given[0], given[1]];
  throw new ArgumentError({
    op,
    problem: "body does not return two parts",
    received: describe(given),
    allowed: "[outputs, states]",
  });
}
