import { type DType, dtypes, isDType, nearestName, type Shape, sizeOf } from "@adjoint/graph";
import { UsageError } from "../usageError.js";

/** Numbers from a file: an array alone, or one of several by its name or position. */
export interface FileArgument {
  readonly kind: "file";
  readonly file: string;
  readonly name: string | undefined;
}

/** An argument as the command line describes it. */
export type ArgumentSpec = FileArgument | ShapeArgument;

/** A shape, filled with one number or with default ones. */
export interface ShapeArgument {
  readonly kind: "shape";
  readonly dtype: DType;
  readonly shape: Shape;
  /** The value of each element; undefined for the default numbers. */
  readonly fill: number | undefined;
}

const fileForm = /^(?<file>.*\.(?:npy|npz|params))(?:#(?<name>.+))?$/i;

const form = /^(?:(?<dtype>[^:]*):)?(?<shape>[^:=]*)(?:=(?<fill>.*))?$/;

const maxSize = 2 ** 31;

function refuse(text: string, reason: string): UsageError {
  return new UsageError(
    `--arg ${text}: ${reason}; allowed: lengths of axes such as 4x1, float64:4x1 or 4x1=0.5, or a file such as x.npy`,
  );
}

function readDType(text: string, word: string): DType {
  if (isDType(word)) return word;
  const near = nearestName(word, dtypes);
  const hint = near === undefined ? `one of ${dtypes.join(", ")}` : `did you mean ${near}?`;
  throw new UsageError(`--arg ${text}: unknown dtype "${word}"; ${hint}`);
}

function readShape(text: string, word: string): Shape {
  if (!/^\d+([x,]\d+)*$/.test(word)) throw refuse(text, `shape "${word}" is not valid`);
  const shape = word.split(/[x,]/).map(Number);
  if (sizeOf(shape) > maxSize) throw refuse(text, "more than 2^31 elements");
  return shape;
}

function readFill(text: string, word: string): number {
  const value = Number(word);
  if (word.trim() !== "" && !Number.isNaN(value)) return value;
  throw refuse(text, `value "${word}" is not a number`);
}

/**
 * Reads `[dtype:]shape[=value]`, for example `4x1`, `4,1`, `float64:4x1`, `4x1=0.5`, or the name of a file, `x.npy`,
 * `weights.npz#w`. The dtype is float32 unless given.
 *
 * @throws UsageError for anything else
 */
export function parseArgumentSpec(text: string): ArgumentSpec {
  const { file, name } = fileForm.exec(text)?.groups ?? {};
  if (file !== undefined) return { kind: "file", file, name };
  const { dtype, shape, fill } = form.exec(text)?.groups ?? {};
  if (shape === undefined) throw refuse(text, "not a shape");
  return {
    kind: "shape",
    dtype: dtype === undefined ? "float32" : readDType(text, dtype),
    shape: readShape(text, shape),
    fill: fill === undefined ? undefined : readFill(text, fill),
  };
}
