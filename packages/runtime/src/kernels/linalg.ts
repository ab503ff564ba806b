import { ArgumentError, type LinalgKernel, sizeOf, type TensorType } from "@adjoint/graph";
import { load, requireDTypes, store } from "../storage.js";
import { cholesky, invert, logDeterminant, type Matrix, solveTriangular } from "./matrices.js";
import { at, type Execute, type Signature } from "./prepare.js";

/**
 * Factorisations and solves of float32 and float64, computed in double precision, one matrix of the
 * batch after another.
 */
export function prepareLinalg(kernel: LinalgKernel, signature: Signature): Execute {
  const dtypes = signature.ins.map(({ dtype }) => dtype);
  requireDTypes(signature, dtypes, ["float32", "float64"]);
  switch (kernel.form) {
    case "potrf":
      return perMatrix(signature, ([a]) => {
        if (a === undefined || cholesky(a.data, a.rows)) return;
        throw refusal(signature, "matrix is not positive definite");
      });
    case "inverse":
      return perMatrix(signature, ([a]) => {
        if (a === undefined || invert(a.data, a.rows)) return;
        throw refusal(signature, "matrix is singular");
      });
    case "trsm":
      return prepareTrsm(kernel, signature);
    case "slogdet":
      return prepareSlogdet(signature);
    default:
      return kernel satisfies never;
  }
}

function refusal({ op, site }: Signature, problem: string): ArgumentError {
  return new ArgumentError({ op, problem, site });
}

/** Empty matrices of the sizes of the last two axes. */
function matrixFor({ shape }: TensorType): Matrix {
  const rows = at(shape, shape.length - 2);
  const columns = at(shape, shape.length - 1);
  return { rows, columns, data: new Float64Array(rows * columns) };
}

/**
 * Runs `compute` on the matrices of each batch item; the last argument's matrix, overwritten, is
 * the result.
 */
function perMatrix(
  { ins, outs }: Signature,
  compute: (matrices: readonly Matrix[]) => void,
): Execute {
  const out = at(outs, 0);
  const batch = sizeOf(out.shape.slice(0, -2));
  return (arrays, results) => {
    const matrices = ins.map(matrixFor);
    const result = at(matrices, matrices.length - 1).data;
    for (let item = 0; item < batch; item++) {
      for (const [arg, { data }] of matrices.entries()) {
        load(at(arrays, arg), at(ins, arg).dtype, item * data.length, 1, data, 0, data.length);
      }
      compute(matrices);
      store(at(results, 0), out.dtype, item * result.length, result, result.length);
    }
  };
}

function prepareTrsm(
  { lower, transpose, rightSide }: LinalgKernel & { form: "trsm" },
  signature: Signature,
): Execute {
  return perMatrix(signature, ([a, b]) => {
    // X op(A) = B is op(A)ᵀ Xᵀ = Bᵀ.
    if (a !== undefined && b !== undefined) {
      solveTriangular(a, b, lower, transpose !== rightSide, rightSide);
    }
  });
}

function prepareSlogdet({ ins, outs }: Signature): Execute {
  const type = at(ins, 0);
  const batch = sizeOf(type.shape.slice(0, -2));
  return (arrays, results) => {
    const { data, rows } = matrixFor(type);
    const sign = new Float64Array(batch);
    const logarithm = new Float64Array(batch);
    for (let item = 0; item < batch; item++) {
      load(at(arrays, 0), type.dtype, item * data.length, 1, data, 0, data.length);
      [sign[item], logarithm[item]] = logDeterminant(data, rows);
    }
    store(at(results, 0), at(outs, 0).dtype, 0, sign, batch);
    store(at(results, 1), at(outs, 1).dtype, 0, logarithm, batch);
  };
}
