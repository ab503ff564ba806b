import { type MapKernel, type ScalarExpr, scalar, sizeOf } from "@adjoint/graph";
import { chunkLength, type Registers } from "../scratch.js";
import { int64sOf, store } from "../storage.js";
import { compileMap, type MapProgram } from "./compileMap.js";
import { at, type Execute, type Signature } from "./prepare.js";

/**
 * Applies one scalar expression to every element, a chunk at a time. Floating point is computed in
 * double precision and rounded once, when the result is stored; integers wrap after each operation.
 * int64 is exact modulo 2^64; functions that would not be are refused with a DTypeError.
 */
export function prepareMap({ expr }: MapKernel, signature: Signature): Execute {
  const { dtype, shape } = at(signature.outs, 0);
  const program = compileMap(resultOf(expr, dtype), signature);
  const size = sizeOf(shape);
  const longest = Math.min(size, chunkLength);
  return (ins, outs, { scratch }) => {
    const registers = scratch.registers(program.doubles, program.int64s);
    const data = at(outs, 0);
    for (const fill of program.constants) fill(registers, ins, 0, longest);
    for (let start = 0; start < size; start += chunkLength) {
      const count = Math.min(chunkLength, size - start);
      for (const run of program.instructions) run(registers, ins, start, count);
      storeResult(data, dtype, start, registers, program, count);
    }
  };
}

/** Storing converts between the dtypes held as doubles; int64 needs a cast to and from them. */
function resultOf(expr: ScalarExpr, dtype: ScalarExpr["dtype"]): ScalarExpr {
  const sameKind = (expr.dtype === "int64") === (dtype === "int64");
  return sameKind ? expr : scalar.cast(expr, dtype);
}

function storeResult(
  data: Parameters<typeof store>[0],
  dtype: ScalarExpr["dtype"],
  start: number,
  { doubles, int64s }: Registers,
  { result }: MapProgram,
  count: number,
): void {
  if (dtype === "int64") int64sOf(data).set(at(int64s, result).subarray(0, count), start);
  else store(data, dtype, start, at(doubles, result), count);
}
