import {
  AttributeError,
  type DType,
  dtypes,
  formatType,
  isDType,
  nearestName,
  ShapeError,
  type TensorType,
  tensorType,
} from "@adjoint/graph";
import { describe, readOptions } from "@adjoint/ops";
import { createTensor, type Tensor } from "@adjoint/runtime";
import type { NDArray } from "../array/ndarray.js";
import { session } from "../session.js";

export interface DTypeOption {
  /** Element type; float32 unless given. */
  dtype: DType;
}

export const float32: DTypeOption = { dtype: "float32" };

/** The dtype that the options name, checked; float32 where they name none. */
export function dtypeOf(op: string, options: Partial<DTypeOption> | undefined): DType {
  const { dtype } = readOptions(op, options, float32);
  if (isDType(dtype)) return dtype;
  throw new AttributeError({
    op,
    problem: "unknown dtype",
    received: String(dtype),
    allowed: nearestName(String(dtype), dtypes) ?? dtypes.join(", "),
  });
}

/** An array of these numbers, converted; zeros where there are none. */
export function made(
  op: string,
  type: TensorType,
  values?: readonly number[] | Float64Array,
): NDArray {
  return session.fromTensor(inMemory(op, type, () => createTensor(type, values)));
}

/** What `make` gives; an array that there is no memory for is refused. */
export function inMemory<R>(op: string, type: TensorType, make: () => R): R {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ShapeError({
      op,
      problem: "there is not enough memory for the array",
      received: formatType(type),
    });
  }
}

/** An array in which every element is the value that a cast makes of a number. */
export function filled(op: string, type: TensorType, value: number): NDArray {
  const tensor = inMemory(op, type, () => createTensor(type));
  const [element] = createTensor(tensorType(type.dtype, [1]), [value]).data;
  fillWith(tensor, element);
  return session.fromTensor(tensor);
}

function fillWith({ data }: Tensor, element: number | bigint | undefined): void {
  if (data instanceof BigInt64Array) {
    if (typeof element === "bigint") data.fill(element);
  } else if (typeof element === "number") data.fill(element);
}

/** `count` numbers, by their position. */
export function numbers(
  op: string,
  count: number,
  dtype: DType,
  at: (i: number) => number,
): NDArray {
  const type = tensorType(dtype, [count]);
  const values = inMemory(op, type, () => new Float64Array(count));
  for (let i = 0; i < count; i++) values[i] = at(i);
  return made(op, type, values);
}

/** Refuses what is no number. */
export function checkNumber(op: string, name: string, value: unknown): number {
  if (typeof value === "number") return value;
  throw notANumber(op, name, value, "a number");
}

/** Refuses what is no finite number. */
export function checkFinite(op: string, name: string, value: unknown): number {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw notANumber(op, name, value, "a finite number");
}

function notANumber(op: string, name: string, value: unknown, allowed: string): AttributeError {
  return new AttributeError({
    op,
    problem: `${name} is not a number`,
    received: describe(value),
    allowed,
  });
}
