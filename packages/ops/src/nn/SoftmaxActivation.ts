import type { Operand } from "@adjoint/graph";
import { checkOperands } from "../core/define.js";
import { checkChoice, normalizeAxis, readOptions } from "../core/options.js";
import { softmaxAlong } from "./softmax.js";

export interface SoftmaxActivationOptions {
  /** `instance`: over the last axis; `channel`: over axis 1. */
  mode: "instance" | "channel";
}

/**
 * Softmax over the last axis, or over the channels.
 *
 * @param x floating point, shape (..., features); (batch, channels, ...) with `channel`
 * @returns x's shape and dtype
 * @throws AttributeError for another mode; BoundsError if there are no features or channels
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
  const isChannel =
    checkChoice("SoftmaxActivation", "mode", mode, ["instance", "channel"]) === "channel";
  const axis = normalizeAxis("SoftmaxActivation", isChannel ? 1 : -1, x.type.shape.length);
  return softmaxAlong(x, axis);
}
