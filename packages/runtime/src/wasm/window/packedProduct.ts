import { leftPanelSlack } from "../contract/scratch.js";
import { type Target, tileColumns } from "../contract/tile.js";
import type { Recorder } from "./recordCalls.js";

/** Bytes of packed panels. */
export function leftBytes({ element, shape }: Target, rows: number, steps: number): number {
  const whole = Math.ceil(rows / shape.rows) * shape.rows;
  return whole * steps * element.bytes + leftPanelSlack;
}

export function rightBytes(target: Target, columns: number, steps: number): number {
  const width = tileColumns(target);
  return Math.ceil(columns / width) * width * steps * target.element.bytes;
}

/** Sizes and addresses of a product of packed panels. */
export interface PackedProduct {
  readonly rows: number;
  readonly columns: number;
  readonly steps: number;
  readonly left: number;
  readonly right: number;
  readonly result: number;
  /** Bytes from row to row of the result. */
  readonly resultRow: number;
  /** Whether to add to what is there. */
  readonly accumulate: boolean;
  readonly spill: number;
}

/** Runs the macro kernel on packed panels. */
export function multiplyPacked(contract: Target, recorder: Recorder, of: PackedProduct): void {
  const { bytes } = contract.element;
  const { rows, columns, steps, left, right, result, resultRow, spill } = of;
  const leftStep = contract.shape.rows * bytes;
  const rightStep = tileColumns(contract) * bytes;
  recorder.contract.macro(
    rows,
    columns,
    steps,
    left,
    bytes,
    leftStep,
    leftStep * steps,
    right,
    rightStep,
    rightStep * steps,
    result,
    resultRow,
    of.accumulate ? 1 : 0,
    spill,
  );
}
