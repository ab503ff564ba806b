import { type Operand, sizeOf } from "@adjoint/graph";
import { checkOperands } from "../core/define.js";
import { checkChoice, normalizeAxis, readOptions } from "../core/options.js";
import { reshape } from "../view/reshape.js";
import { softmaxAlong } from "./softmax.js";

export interface SoftmaxActivationOptions {
  /** `instance`: over all axes but the first; `channel`: over axis 1. */
  mode: "instance" | "channel";
}

/**
 * Softmax over all features of a sample, or over its channels.
 *
 * @param x floating point, shape (batch, ...features); (batch, channels, ...) with `channel`
 * @returns x's shape and dtype
 * @throws AttributeError for another mode; BoundsError if there are no channels
 * @derivative that of `softmax`
 * @edges those of `softmax`
 * @example
 * ```ts
 * nd.SoftmaxActivation(nd.array([[0, 0]])); // [[0.5 0.5]]
 * ```
 */
export function SoftmaxActivation<T extends Operand<T>>(
  x: T,
  options?: Partial<SoftmaxActivationOptions>,
): T {
  const { mode } = readOptions<SoftmaxActivationOptions>("SoftmaxActivation", options, {
    mode: "instance",
  });
  checkOperands("SoftmaxActivation", [x]);
  const { shape } = x.type;
  if (checkChoice("SoftmaxActivation", "mode", mode, ["instance", "channel"]) === "channel") {
    return softmaxAlong(x, normalizeAxis("SoftmaxActivation", 1, shape.length));
  }
  const rows = reshape(x, [shape[0] ?? 1, sizeOf(shape.slice(1))]);
  return reshape(softmaxAlong(rows, 1), shape);
}
