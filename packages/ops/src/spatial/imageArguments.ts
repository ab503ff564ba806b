import {
  AttributeError,
  formatShape,
  type Shape,
  ShapeError,
  type TensorType,
} from "@adjoint/graph";
import { checkInteger } from "../core/options.js";
import { checkFloat } from "../nn/layerArguments.js";

/** Lengths of the axes of images. */
export interface ImageShape {
  readonly batch: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** The axes of images; refuses other numbers of axes. */
export function imageShape(op: string, shape: Shape, name = "data"): ImageShape {
  const [batch, channels, height, width, ...rest] = shape;
  if (
    batch !== undefined &&
    channels !== undefined &&
    height !== undefined &&
    width !== undefined &&
    rest.length === 0
  ) {
    return { batch, channels, height, width };
  }
  throw new ShapeError({
    op,
    problem: `${name} must have 2 spatial axes`,
    received: formatShape(shape),
    allowed: "(batch, channels, height, width)",
  });
}

/** The axes of images of floating-point numbers; refuses other arrays. */
export function floatImages(op: string, type: TensorType): ImageShape {
  const shape = imageShape(op, type.shape);
  checkFloat(op, type);
  return shape;
}

/** Refuses anything but two integers of at least `least`: for the height and for the width. */
export function heightAndWidth(
  op: string,
  name: string,
  given: unknown,
  least: number,
): readonly [height: number, width: number] {
  const list: readonly unknown[] = Array.isArray(given) ? given : [];
  if (list.length === 2) {
    return [checkInteger(op, name, list[0], least), checkInteger(op, name, list[1], least)];
  }
  throw new AttributeError({
    op,
    problem: `${name} is not valid`,
    received: Array.isArray(given) ? `[${given.join(", ")}]` : String(given),
    allowed: "two integers, [height, width]",
  });
}
