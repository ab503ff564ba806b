import {
  ArgumentError,
  DTypeError,
  equalShapes,
  equalTypes,
  formatType,
  ShapeError,
  sizeOf,
  type TensorType,
} from "@adjoint/graph";
import { HeapTensor } from "../heap/heapTensor.js";
import { stores, type Tensor } from "../tensor.js";

/** An input as a plan expects it. */
export interface ExpectedInput {
  readonly name: string;
  readonly type: TensorType;
}

/** Throws an ArgumentError, ShapeError or DTypeError naming the input that does not fit. */
export function checkInputs(
  graph: string,
  expected: readonly ExpectedInput[],
  inputs: readonly Tensor[],
): void {
  if (inputs.length !== expected.length) {
    throw new ArgumentError({
      op: graph,
      problem: "wrong number of inputs",
      received: String(inputs.length),
      allowed: `${expected.length}: ${expected.map(({ name }) => name).join(", ")}`,
    });
  }
  for (let index = 0; index < expected.length; index++) {
    const [wanted, input] = [expected[index], inputs[index]];
    if (wanted !== undefined && input !== undefined) checkInput(graph, wanted, input);
  }
}

function checkInput(graph: string, { name, type }: ExpectedInput, input: Tensor): void {
  const { type: got } = input;
  // A tensor in the heap is as its type says; to look at its numbers would cost more.
  if (input instanceof HeapTensor && equalTypes(got, type)) return;
  const { data } = input;
  const stored = got.dtype === type.dtype && stores(type.dtype, data);
  const fits = equalShapes(got.shape, type.shape) && data.length === sizeOf(type.shape);
  if (stored && fits) return;
  const Mismatch = stored ? ShapeError : DTypeError;
  throw new Mismatch({
    op: graph,
    problem: `input ${name} does not fit`,
    received: `${formatType(got)} with ${data.length} elements`,
    allowed: formatType(type),
  });
}
