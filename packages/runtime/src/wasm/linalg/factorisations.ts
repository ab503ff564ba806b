import type { FunctionRef, ModuleBuilder } from "../assembler/index.js";
import { beginFunction } from "../library/definition.js";
import { type Double, type Int, MatrixCode } from "./matrixCode.js";

// Each overwrites a matrix of doubles, in the order of operations of kernels/matrices.ts, where the
// sources are named. `failed` is the address of a word that becomes 1 where the matrix is refused.

/** The lower Cholesky factor; the upper half becomes 0. */
export function addCholesky(module: ModuleBuilder): FunctionRef {
  const { code, of, ref } = beginFunction(module, "cholesky", ["a", "n", "failed"], "own");
  const m = new MatrixCode(code);
  const [a, n] = [of("a"), of("n")];
  m.upTo(0, n, (j) => {
    const rowJ = m.element(a, code.op("i32.mul", j, n));
    const diagonal = m.element(rowJ, j);
    m.upTo(j, n, (i) => {
      const rowI = m.element(a, code.op("i32.mul", i, n));
      const place = m.element(rowI, j);
      const lines = [
        { from: rowI, step: 1 },
        { from: rowJ, step: 1 },
      ] as const;
      const rest = m.restOf(m.load(place), j, ...lines);
      code.if(
        code.op("i32.gt_s", i, j),
        () => m.store(place, code.op("f64.div", rest, m.load(diagonal))),
        () => {
          const positive = code.op("f64.gt", rest, m.zero());
          code.if(code.op("i32.eqz", positive), () => {
            code.store("i32.store", of("failed"), 1);
            code.return();
          });
          m.store(diagonal, code.op("f64.sqrt", rest));
        },
      );
    });
    const upper = code.op("i32.sub", code.op("i32.sub", n, j), 1);
    code.clear(m.add(diagonal, 8), code.op("i32.shl", upper, 3));
  });
  return ref;
}

const solveParameters = [
  "a",
  "n",
  "aRow",
  "aColumn",
  "b",
  "sides",
  "bRow",
  "bColumn",
  "forward",
] as const;

/**
 * Overwrites `sides` right sides with solutions; strides in elements, those of A as the operation
 * has them.
 */
export function addSolveTriangular(module: ModuleBuilder): FunctionRef {
  const { code, of, ref } = beginFunction(module, "solve", solveParameters, "own");
  const m = new MatrixCode(code);
  const [n, forward] = [of("n"), of("forward")];
  const scaled = (index: Int, stride: Int) => code.op("i32.mul", index, stride);
  m.upTo(0, n, (step) => {
    const last = code.op("i32.sub", code.op("i32.sub", n, 1), step);
    const i = code.select(forward, step, last);
    const from = code.select(forward, code.i32(0), m.add(i, 1));
    const row = m.element(of("a"), scaled(i, of("aRow")));
    const pivot = m.load(m.element(row, scaled(i, of("aColumn"))));
    m.upTo(0, of("sides"), (side) => {
      const column = m.element(of("b"), scaled(side, of("bColumn")));
      const place = m.element(column, scaled(i, of("bRow")));
      const known = { from: m.element(column, scaled(from, of("bRow"))), step: of("bRow") };
      const factors = { from: m.element(row, scaled(from, of("aColumn"))), step: of("aColumn") };
      const rest = m.restOf(m.load(place), step, factors, known);
      m.store(place, code.op("f64.div", rest, pivot));
    });
  });
  return ref;
}

/** The row from k on with the largest element in column k. */
function largestBelow(m: MatrixCode, a: Int, n: Int, k: Int): Int {
  const { code } = m;
  const best = m.int(k);
  const size = (row: Int) => code.op("f64.abs", m.load(m.at(a, row, k, n)));
  m.upTo(m.add(k, 1), n, (i) => {
    code.if(code.op("f64.gt", size(i), size(best)), () => code.assign(best, i));
  });
  return best;
}

function swapRows(m: MatrixCode, a: Int, n: Int, i: Int, k: Int): void {
  const row = (of: Int) => ({ from: m.element(a, m.code.op("i32.mul", of, n)), step: 1 });
  m.swapLines(n, row(i), row(k));
}

/** The inverse by elimination with row pivots; `swaps` has n words. */
export function addInverse(module: ModuleBuilder): FunctionRef {
  const names = ["a", "n", "swaps", "failed"] as const;
  const { code, of, ref } = beginFunction(module, "invert", names, "own");
  const m = new MatrixCode(code);
  const [a, n, swaps] = [of("a"), of("n"), of("swaps")];
  const word = (index: Int) => code.op("i32.add", swaps, code.op("i32.shl", index, 2));
  m.upTo(0, n, (k) => {
    const pivotRow = largestBelow(m, a, n, k);
    code.store("i32.store", word(k), pivotRow);
    swapRows(m, a, n, k, pivotRow);
    const row = m.element(a, code.op("i32.mul", k, n));
    const pivot = m.load(m.element(row, k));
    code.if(code.op("f64.eq", pivot, m.zero()), () => {
      code.store("i32.store", of("failed"), 1);
      code.return();
    });
    m.store(m.element(row, k), m.one());
    m.upTo(0, n, (j) => {
      const place = m.element(row, j);
      m.store(place, code.op("f64.div", m.load(place), pivot));
    });
    m.upTo(0, n, (i) => {
      code.if(code.op("i32.ne", i, k), () => {
        const place = m.at(a, i, k, n);
        const factor = m.load(place);
        m.store(place, m.zero());
        m.subtractLine(n, row, factor, m.element(a, code.op("i32.mul", i, n)));
      });
    });
  });
  m.downFrom(n, (k) => {
    const column = (of: Int) => ({ from: m.element(a, of), step: n });
    m.swapLines(n, column(k), column(code.load("i32.load", word(k))));
  });
  return ref;
}

/**
 * Sign and log of the absolute determinant, stored at `sign` and `logarithm`: 0 and -inf where it
 * is singular.
 */
export function addLogDeterminant(
  module: ModuleBuilder,
  log: (m: MatrixCode, x: Double) => Double,
): FunctionRef {
  const names = ["a", "n", "sign", "logarithm"] as const;
  const { code, of, ref } = beginFunction(module, "logDeterminant", names, "own");
  const m = new MatrixCode(code);
  const [a, n] = [of("a"), of("n")];
  const [sign, sum] = [m.double(m.one()), m.double(m.zero())];
  const turnIf = (condition: Int) =>
    code.if(condition, () => code.assign(sign, code.op("f64.neg", sign)));
  const finish = () => {
    m.store(of("sign"), sign);
    m.store(of("logarithm"), sum);
  };
  m.upTo(0, n, (k) => {
    const pivotRow = largestBelow(m, a, n, k);
    turnIf(code.op("i32.ne", pivotRow, k));
    swapRows(m, a, n, k, pivotRow);
    const row = m.at(a, k, k, n);
    const pivot = m.load(row);
    code.if(code.op("f64.eq", pivot, m.zero()), () => {
      code.assign(sign, m.zero());
      code.assign(sum, code.f64(-Infinity));
      finish();
      code.return();
    });
    turnIf(code.op("f64.lt", pivot, m.zero()));
    code.assign(sum, code.op("f64.add", sum, log(m, code.op("f64.abs", pivot))));
    m.upTo(m.add(k, 1), n, (i) => {
      const place = m.at(a, i, k, n);
      const factor = code.op("f64.div", m.load(place), pivot);
      m.subtractLine(code.op("i32.sub", n, k), row, factor, place);
    });
  });
  finish();
  return ref;
}
