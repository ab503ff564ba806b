import {
  byteLengthOf,
  type CallKernel,
  type Graph,
  type Kernel,
  type LinalgKernel,
  type ScalarExpr,
  sizeOf,
  type TensorType,
  type WindowKernel,
} from "@adjoint/graph";

/** What one evaluation takes: floating point operations, and bytes read and written. */
export interface Cost {
  readonly flops: number;
  readonly bytes: number;
}

export const noCost: Cost = { flops: 0, bytes: 0 };

export function addCosts(a: Cost, b: Cost): Cost {
  return { flops: a.flops + b.flops, bytes: a.bytes + b.bytes };
}

function times(count: number, { flops, bytes }: Cost): Cost {
  return { flops: count * flops, bytes: count * bytes };
}

/** Types of what a kernel reads and writes. */
export interface KernelTypes {
  readonly ins: readonly TensorType[];
  readonly outs: readonly TensorType[];
}

const elementsOf = (type: TensorType | undefined): number =>
  type === undefined ? 0 : sizeOf(type.shape);

const bytesIn = (types: readonly TensorType[]): number =>
  types.reduce((sum, type) => sum + byteLengthOf(type), 0);

/** Functions applied per element; equal objects are one value, computed once. */
function functionsIn(expr: ScalarExpr, seen = new Set<ScalarExpr>()): number {
  if (seen.has(expr)) return 0;
  seen.add(expr);
  switch (expr.kind) {
    case "arg":
    case "constant":
    case "coordinate":
      return 0;
    case "cast":
      return functionsIn(expr.x, seen);
    case "unary":
      return 1 + functionsIn(expr.x, seen);
    case "binary":
      return 1 + functionsIn(expr.a, seen) + functionsIn(expr.b, seen);
    case "select":
      return (
        1 +
        functionsIn(expr.condition, seen) +
        functionsIn(expr.a, seen) +
        functionsIn(expr.b, seen)
      );
    default:
      return expr satisfies never;
  }
}

const product = (numbers: readonly number[]): number => numbers.reduce((a, b) => a * b, 1);

/** Padding counts as data. */
function windowFlops(kernel: WindowKernel, { ins, outs }: KernelTypes): number {
  const taps = product(kernel.geometry.kernel);
  switch (kernel.form) {
    case "convolve":
      return 2 * elementsOf(outs[0]) * (ins[1]?.shape[1] ?? 0) * taps;
    case "convolveData":
      return 2 * elementsOf(ins[0]) * (ins[1]?.shape[1] ?? 0) * taps;
    case "convolveWeight":
      return 2 * elementsOf(ins[1]) * (outs[0]?.shape[1] ?? 0) * taps;
    case "poolSum":
    case "poolMax":
      return elementsOf(outs[0]) * taps;
    case "poolSumAdjoint":
      return elementsOf(ins[0]) * taps;
    default:
      return kernel.form satisfies never;
  }
}

/**
 * Leading terms, per matrix of n columns: Golub and Van Loan, Matrix Computations (4th edition,
 * 2013), chapters 3 to 5 and 8.
 */
function linalgFlops(kernel: LinalgKernel, { ins, outs }: KernelTypes): number {
  const [type] = ins;
  const [rows = 1, columns = 1] = type?.shape.slice(-2) ?? [];
  const matrices = elementsOf(type) / Math.max(1, rows * columns);
  switch (kernel.form) {
    case "potrf":
      return (matrices * columns ** 3) / 3;
    case "trsm":
      return elementsOf(outs[0]) * columns;
    case "inverse":
      return matrices * 2 * columns ** 3;
    case "slogdet":
      return (matrices * 2 * columns ** 3) / 3;
    case "gelqf":
      return matrices * 4 * (rows ** 2 * columns - rows ** 3 / 3);
    case "syevd":
      return matrices * 9 * columns ** 3;
    default:
      return kernel satisfies never;
  }
}

function callCost(kernel: CallKernel, costOf: (body: Graph) => Cost): Cost {
  switch (kernel.form) {
    case "graph":
      return costOf(kernel.graph);
    case "host":
      return noCost;
    case "scan":
      return times(kernel.length, costOf(kernel.body));
    case "while":
      return times(kernel.length, addCosts(costOf(kernel.condition), costOf(kernel.body)));
    case "cond": {
      const [a, b] = [costOf(kernel.whenTrue), costOf(kernel.whenFalse)];
      return { flops: Math.max(a.flops, b.flops), bytes: Math.max(a.bytes, b.bytes) };
    }
    default:
      return kernel satisfies never;
  }
}

function flopsOf(kernel: Exclude<Kernel, CallKernel>, types: KernelTypes): number {
  const { ins, outs } = types;
  switch (kernel.kind) {
    case "map":
      return functionsIn(kernel.expr) * elementsOf(outs[0]);
    case "reduce":
      return elementsOf(ins[0]);
    case "contract":
      return 2 * kernel.batch * kernel.m * kernel.n * kernel.k;
    case "window":
      return windowFlops(kernel, types);
    case "view":
    case "pack":
      return 0;
    case "index":
      return kernel.form.endsWith("Adjoint") ? elementsOf(ins[0]) : 0;
    case "order":
      if (kernel.form === "scan") return elementsOf(ins[0]);
      return (
        elementsOf(ins[0]) * Math.ceil(Math.log2(Math.max(1, ins[0]?.shape[kernel.axis] ?? 1)))
      );
    case "linalg":
      return Math.round(linalgFlops(kernel, types));
    case "random":
      return elementsOf(outs[0]);
    default:
      return kernel satisfies never;
  }
}

/**
 * What a kernel takes by its description: each scalar function, comparison of a sort and drawn
 * number counts as one operation, a multiplication with its addition as two. Bytes are those of all
 * arguments and results, once each; a view reads only what it shows. Loops count at their greatest
 * length, branches as the dearer one, functions of the host nothing.
 */
export function kernelCost(
  kernel: Kernel,
  types: KernelTypes,
  costOfBody: (body: Graph) => Cost,
): Cost {
  if (kernel.kind === "call") return callCost(kernel, costOfBody);
  const written = bytesIn(types.outs);
  const read = kernel.kind === "view" ? written : bytesIn(types.ins);
  return { flops: flopsOf(kernel, types), bytes: read + written };
}
