import { sizeOf, type TensorType, type WindowKernel } from "@adjoint/graph";
import { type WindowPlane, windowPlane } from "../../kernels/windowTaps.js";
import { callOf, operandAt, type PreparedKernel } from "../libraryCall.js";
import { type Span, splitSpan } from "../spans.js";
import type { WindowLibrary } from "./windowModule.js";

/**
 * Pooling over planes. Addresses: `poolSum` data, result; `poolSumAdjoint` head, data; `poolMax`
 * data, maxima, their positions.
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
  form: "poolSum" | "poolSumAdjoint" | "poolMax",
  plane: WindowPlane,
  { from, to }: Span,
  library: WindowLibrary,
): PreparedKernel {
  const { bytes } = library.element;
  const [data, result] = form === "poolSumAdjoint" ? [1, 0] : [0, 1];
  const call = callOf(library.functions[form], {
    planes: to - from,
    data: operandAt(data, from * plane.dataSize * bytes),
    result: operandAt(result, from * plane.resultSize * bytes),
    positions: form === "poolMax" ? operandAt(2, from * plane.resultSize * 4) : 0,
    ...windowArguments(plane),
  });
  return {
    scratchBytes: 0,
    calls: [call],
    split: (parts) =>
      splitSpan(to - from, parts).map((span) =>
        prepare(form, plane, { from: from + span.from, to: from + span.to }, library),
      ),
  };
}

/** The arguments that describe windows. */
export function windowArguments({ axes: [z, y, x] }: WindowPlane) {
  return {
    zData: z.data,
    zResult: z.result,
    zKernel: z.kernel,
    zStride: z.stride,
    zDilate: z.dilate,
    zPad: z.padLow,
    yData: y.data,
    yResult: y.result,
    yKernel: y.kernel,
    yStride: y.stride,
    yDilate: y.dilate,
    yPad: y.padLow,
    xData: x.data,
    xResult: x.result,
    xKernel: x.kernel,
    xStride: x.stride,
    xDilate: x.dilate,
    xPad: x.padLow,
  };
}
