/** Runs of this length are sorted by insertion before merging starts. */
const runLength = 16;

/**
 * Fills `order` with the positions of `keys` in sorted order: stable, NaN last in both directions,
 * -0 equal to 0. A bottom-up merge sort; `keys` is negated where `ascending` is false, `spare` is
 * overwritten.
 */
export function sortPositions(
  keys: Float64Array,
  ascending: boolean,
  order: Int32Array,
  spare: Int32Array,
): void {
  if (!ascending) for (let i = 0; i < keys.length; i++) keys[i] = -(keys[i] ?? 0);
  const count = separateNaN(keys, order);
  for (let start = 0; start < count; start += runLength) {
    insertionSort(keys, order, start, Math.min(start + runLength, count));
  }
  let from = order;
  let to = spare;
  for (let width = runLength; width < count; width *= 2) {
    for (let start = 0; start < count; start += 2 * width) {
      merge(
        keys,
        from,
        to,
        start,
        Math.min(start + width, count),
        Math.min(start + 2 * width, count),
      );
    }
    [from, to] = [to, from];
  }
  if (from !== order) order.set(from.subarray(0, count));
}

/** Positions of numbers first, then those of NaN, each in order. Gives the count of numbers. */
function separateNaN(keys: Float64Array, order: Int32Array): number {
  let count = 0;
  for (let i = 0; i < keys.length; i++) if (!Number.isNaN(keys[i])) order[count++] = i;
  let end = count;
  for (let i = 0; i < keys.length; i++) if (Number.isNaN(keys[i])) order[end++] = i;
  return count;
}

function insertionSort(keys: Float64Array, order: Int32Array, start: number, end: number): void {
  for (let i = start + 1; i < end; i++) {
    const position = order[i] ?? 0;
    const key = keys[position] ?? 0;
    let j = i;
    for (; j > start && (keys[order[j - 1] ?? 0] ?? 0) > key; j--) order[j] = order[j - 1] ?? 0;
    order[j] = position;
  }
}

function merge(
  keys: Float64Array,
  from: Int32Array,
  to: Int32Array,
  start: number,
  middle: number,
  end: number,
): void {
  let left = start;
  let right = middle;
  for (let i = start; i < end; i++) {
    const takeLeft =
      right >= end ||
      (left < middle && (keys[from[left] ?? 0] ?? 0) <= (keys[from[right] ?? 0] ?? 0));
    to[i] = (takeLeft ? from[left++] : from[right++]) ?? 0;
  }
}
