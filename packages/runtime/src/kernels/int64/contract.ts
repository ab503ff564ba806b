import type { ContractKernel } from "@adjoint/graph";
import { int64sOf } from "../../storage.js";
import type { Execute } from "../prepare.js";

/** Batched matrix products of int64, modulo 2^64. */
export function prepareInt64Contract(kernel: ContractKernel): Execute {
  const { batch, m, n, k } = kernel;
  const [aRow, aStep] = kernel.transposeA ? [1, m] : [k, 1];
  const [bColumn, bStep] = kernel.transposeB ? [k, 1] : [1, n];
  return (ins, outs) => {
    const [a, b, out] = [int64sOf(ins[0]), int64sOf(ins[1]), int64sOf(outs[0])];
    for (let item = 0; item < batch; item++) {
      for (let i = 0; i < m; i++) {
        for (let j = 0; j < n; j++) {
          const left = item * m * k + i * aRow;
          const right = item * k * n + j * bColumn;
          let sum = 0n;
          for (let p = 0; p < k; p++) {
            const product = (a[left + p * aStep] ?? 0n) * (b[right + p * bStep] ?? 0n);
            sum = BigInt.asIntN(64, sum + product);
          }
          out[(item * m + i) * n + j] = sum;
        }
      }
    }
  };
}
