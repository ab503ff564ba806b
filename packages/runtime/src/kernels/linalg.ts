import { ArgumentError, type LinalgKernel, sizeOf, type TensorType } from "@adjoint/graph";
import { load, requireDTypes, store } from "../storage.js";
import { lqFactors } from "./lqFactors.js";
import { cholesky, invert, logDeterminant, type Matrix, solveTriangular } from "./matrices.js";
import { at, type Execute, type Signature } from "./prepare.js";
import { symmetricEigen } from "./symmetricEigen.js";

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
      return severalResults(signature, ({ data, rows }, [sign, logarithm]) => {
        const [one, other] = logDeterminant(data, rows);
        sign?.set([one]);
        logarithm?.set([other]);
      });
    case "gelqf":
      return severalResults(signature, ({ data, rows, columns }, [q, l]) => {
        if (q !== undefined && l !== undefined) lqFactors(data, q, l, rows, columns);
      });
    case "syevd":
      return severalResults(signature, ({ data, rows }, [vectors, values]) => {
        if (vectors !== undefined && values !== undefined)
          symmetricEigen(data, vectors, values, rows);
      });
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

/**
 * Runs `compute`, which may overwrite its argument, on each matrix of the batch; it fills one list
 * per result.
 */
function severalResults(
  { ins, outs }: Signature,
  compute: (matrix: Matrix, results: readonly Float64Array[]) => void,
): Execute {
  const type = at(ins, 0);
  const batch = sizeOf(type.shape.slice(0, -2));
  return (arrays, results) => {
    const matrix = matrixFor(type);
    const length = matrix.data.length;
    const items = outs.map(
      ({ shape }) => new Float64Array(batch === 0 ? 0 : sizeOf(shape) / batch),
    );
    for (let item = 0; item < batch; item++) {
      load(at(arrays, 0), type.dtype, item * length, 1, matrix.data, 0, length);
      compute(matrix, items);
      for (const [out, values] of items.entries()) {
        const { dtype } = at(outs, out);
        store(at(results, out), dtype, item * values.length, values, values.length);
      }
    }
  };
}
