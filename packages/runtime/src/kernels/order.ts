import { type DType, isFloat, type OrderKernel } from "@adjoint/graph";
import { cellsOf, load, requireDTypes, store } from "../storage.js";
import { prepareInt64Scan, prepareInt64Sort } from "./int64/order.js";
import { linesOf } from "./lines.js";
import { at, type Execute, type Signature } from "./prepare.js";
import { highest, lowest } from "./reducers.js";
import { sortPositions } from "./sortPositions.js";

/** Works along one axis, line by line. */
export function prepareOrder(kernel: OrderKernel, signature: Signature): Execute {
  const { dtype } = at(signature.ins, 0);
  const exact = dtype === "int64";
  if (!exact) requireDTypes(signature, [dtype]);
  switch (kernel.form) {
    case "sort":
      return exact ? prepareInt64Sort(kernel, signature) : prepareSort(kernel, signature);
    case "scan":
      return exact ? prepareInt64Scan(kernel, signature) : prepareScan(kernel, signature);
    default:
      return kernel satisfies never;
  }
}

function prepareSort(
  { axis, ascending }: OrderKernel & { form: "sort" },
  { ins, outs }: Signature,
): Execute {
  const type = at(ins, 0);
  const { count, length, inner, start } = linesOf(type, axis);
  const positionType = outs[1]?.dtype ?? "int32";
  return (arrays, results) => {
    const source = cellsOf(at(arrays, 0)).cells;
    const values = cellsOf(at(results, 0)).cells;
    const found = at(results, 1);
    const line = new Float64Array(length);
    const order = new Int32Array(length);
    const spare = new Int32Array(length);
    const position = new Float64Array(1);
    for (let row = 0; row < count; row++) {
      const first = start(row);
      load(source, type.dtype, first, inner, line, 0, length);
      sortPositions(line, ascending, order, spare);
      for (let i = 0; i < length; i++) {
        const from = order[i] ?? 0;
        values[first + i * inner] = source[first + from * inner] ?? 0;
        position[0] = from;
        store(found, positionType, first + i * inner, position, 1);
      }
    }
  };
}

type Scan = OrderKernel & { form: "scan" };

/** Floating point runs in double precision and is rounded at each element stored; int32 wraps. */
function prepareScan({ axis, monoid, reverse }: Scan, { ins, outs }: Signature): Execute {
  const type = at(ins, 0);
  const out = at(outs, 0);
  const { count, length, inner, start } = linesOf(type, axis);
  const run = scanOf(monoid, type.dtype);
  return (arrays, results) => {
    const line = new Float64Array(length);
    const one = new Float64Array(1);
    for (let row = 0; row < count; row++) {
      const first = start(row);
      load(at(arrays, 0), type.dtype, first, inner, line, 0, length);
      if (reverse) line.reverse();
      run(line);
      if (reverse) line.reverse();
      for (let i = 0; i < length; i++) {
        one[0] = line[i] ?? 0;
        store(at(results, 0), out.dtype, first + i * inner, one, 1);
      }
    }
  };
}

type ScanLoop = (line: Float64Array) => void;

/** Replaces each element of a line by the monoid of all up to it. */
function scanOf(monoid: Scan["monoid"], dtype: DType): ScanLoop {
  switch (monoid) {
    case "sum":
      return isFloat(dtype) ? runningSum : runningWrappingSum;
    case "prod":
      return isFloat(dtype) ? runningProduct : runningWrappingProduct;
    case "max":
      return (line) => runningMaximum(line, lowest[dtype]);
    case "min":
      return (line) => runningMinimum(line, highest[dtype]);
    default:
      return monoid satisfies never;
  }
}

function runningSum(line: Float64Array): void {
  let sum = 0;
  for (let i = 0; i < line.length; i++) {
    sum += line[i] ?? 0;
    line[i] = sum;
  }
}

function runningWrappingSum(line: Float64Array): void {
  let sum = 0;
  for (let i = 0; i < line.length; i++) {
    sum = (sum + (line[i] ?? 0)) | 0;
    line[i] = sum;
  }
}

function runningProduct(line: Float64Array): void {
  let product = 1;
  for (let i = 0; i < line.length; i++) {
    product *= line[i] ?? 0;
    line[i] = product;
  }
}

function runningWrappingProduct(line: Float64Array): void {
  let product = 1;
  for (let i = 0; i < line.length; i++) {
    product = Math.imul(product, line[i] ?? 0);
    line[i] = product;
  }
}

function runningMaximum(line: Float64Array, identity: number): void {
  let best = identity;
  for (let i = 0; i < line.length; i++) {
    best = Math.max(best, line[i] ?? 0);
    line[i] = best;
  }
}

function runningMinimum(line: Float64Array, identity: number): void {
  let best = identity;
  for (let i = 0; i < line.length; i++) {
    best = Math.min(best, line[i] ?? 0);
    line[i] = best;
  }
}
