import { createTensor, type Tensor, toNumbers } from "@adjoint/runtime";

/** The sum of two arrays of one type, in a new one; integers wrap. */
export function addTensors(a: Tensor, b: Tensor): Tensor {
  const { type } = a;
  if (type.dtype === "float16") {
    const other = toNumbers(b);
    return createTensor(
      type,
      toNumbers(a).map((value, at) => value + (other[at] ?? 0)),
    );
  }
  const data = a.data.slice();
  if (data instanceof BigInt64Array) addIntegers(data, b.data);
  else for (let at = 0; at < data.length; at++) data[at] = (data[at] ?? 0) + Number(b.data[at]);
  return { type, data };
}

function addIntegers(sum: BigInt64Array, other: Tensor["data"]): void {
  for (let at = 0; at < sum.length; at++) sum[at] = (sum[at] ?? 0n) + BigInt(other[at] ?? 0);
}
