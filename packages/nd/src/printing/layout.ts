import { type Shape, sizeOf } from "@adjoint/graph";

/** numpy's print option: columns in a line. */
const lineWidth = 75;

/** numpy's print option: arrays with more elements are shown in part. */
const threshold = 1000;

/** numpy's print option: how many items are then shown at either end of an axis. */
const edgeItems = 3;

/**
 * Which positions along an axis are shown, and after how many of them the dots for the others come.
 */
interface Shown {
  readonly positions: readonly number[];
  readonly dotsAfter: number | undefined;
}

function shownAlong(length: number, summarised: boolean): Shown {
  if (!summarised || length <= 2 * edgeItems) {
    return { positions: range(0, length), dotsAfter: undefined };
  }
  return {
    positions: [...range(0, edgeItems), ...range(length - edgeItems, length)],
    dotsAfter: edgeItems,
  };
}

/** The integers from `start` up to and without `end`. */
function range(start: number, end: number): number[] {
  return Array.from({ length: end - start }, (_, index) => start + index);
}

/** Row-major offsets of the elements that are shown: all of them up to 1000, else the corners. */
export function shownOffsets(shape: Shape): number[] {
  const summarised = sizeOf(shape) > threshold;
  let offsets = [0];
  for (const length of shape) {
    const { positions } = shownAlong(length, summarised);
    offsets = offsets.flatMap((offset) => positions.map((position) => offset * length + position));
  }
  return offsets;
}

/**
 * Rows in brackets, lines of at most 75 columns. `words` are those of `shownOffsets(shape)`. No
 * axis has length 0; shape `[]` is the bare word.
 *
 * Source: `_formatArray` of numpy 1.23, `numpy/core/arrayprint.py`.
 */
export function layout(shape: Shape, words: readonly string[]): string {
  const summarised = sizeOf(shape) > threshold;
  const last = shape.length - 1;
  // From the innermost axis outwards, each bracket becomes one item of the next axis.
  const items = shape.reduceRight<readonly string[]>((inner, length, axis) => {
    const { positions, dotsAfter } = shownAlong(length, summarised);
    // One space stands under each open bracket.
    const indent = " ".repeat(axis + 1);
    const separator = "\n".repeat(last - axis) + indent;
    return chunks(inner, positions.length).map((row) => {
      const shown = [...row];
      if (dotsAfter !== undefined) shown.splice(dotsAfter, 0, "...");
      const inside =
        axis === last ? wrap(shown, indent, lineWidth - axis - 1) : shown.join(separator);
      return `[${inside}]`;
    });
  }, words);
  return items.join("");
}

function chunks(items: readonly string[], length: number): string[][] {
  return Array.from({ length: items.length / length }, (_, row) =>
    items.slice(row * length, (row + 1) * length),
  );
}

/**
 * Words with spaces between them, broken before the column `width`, each further line behind
 * `indent`.
 */
function wrap(words: readonly string[], indent: string, width: number): string {
  const lines: string[] = [];
  let line = indent;
  for (const word of words) {
    if (line.length + word.length > width && line.length > indent.length) {
      lines.push(line.trimEnd());
      line = indent;
    }
    line += `${word} `;
  }
  lines.push(line.slice(0, -1));
  return lines.join("\n").slice(indent.length);
}
