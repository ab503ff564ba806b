import { sizeOf, type TensorType, type WindowKernel } from "@adjoint/graph";
import { type WindowPlane, windowPlane } from "../../kernels/windowTaps.js";
import { type PreparedKernel, type Span, splitSpan } from "../contract/preparedKernel.js";
import type { PoolAxis, WindowExports, WindowLibrary } from "./windowModule.js";

/**
 * Pooling over planes. Addresses: `poolSum` data, result; `poolSumAdjoint` head, data; `poolMax` data, maxima, their
 * positions.
 */
export function preparePooling(
  kernel: WindowKernel,
  form: "poolSum" | "poolSumAdjoint" | "poolMax",
  data: TensorType,
  result: TensorType,
  library: WindowLibrary,
): PreparedKernel {
  const plane = windowPlane(kernel.geometry, data.shape.slice(2), result.shape.slice(2));
  const planes = { from: 0, to: sizeOf(data.shape.slice(0, 2)) };
  return prepare(form, plane, planes, library);
}

function prepare(
  form: keyof Pick<WindowExports, "poolSum" | "poolSumAdjoint" | "poolMax">,
  plane: WindowPlane,
  { from, to }: Span,
  library: WindowLibrary,
): PreparedKernel {
  const { bytes } = library.element;
  const pool = library.exports[form];
  const axes = plane.axes.map(
    ({ data, result, kernel, stride, dilate, padLow }): PoolAxis => [
      data,
      result,
      kernel,
      stride,
      dilate,
      padLow,
    ],
  );
  const [z, y, x] = axes;
  if (z === undefined || y === undefined || x === undefined) throw new RangeError("three axes");
  const dataOffset = from * plane.dataSize * bytes;
  const resultOffset = from * plane.resultSize * bytes;
  const positionOffset = from * plane.resultSize * 4;
  return {
    scratchBytes: 0,
    run(first, second, third) {
      const [data, result] = form === "poolSumAdjoint" ? [second, first] : [first, second];
      const where = third + positionOffset;
      pool(to - from, data + dataOffset, result + resultOffset, where, ...z, ...y, ...x);
    },
    split: (parts) =>
      splitSpan(to - from, parts).map((span) =>
        prepare(form, plane, { from: from + span.from, to: from + span.to }, library),
      ),
  };
}
