import fc from "fast-check";
import type { ImageAxis } from "../../src/wasm/window/imageLayout.js";
import { trimAxis } from "../../src/wasm/window/trimAxis.js";

const free = { piece: 0, row: 0, tap: 1 };

function axisOf(data: number, taps: number, pad: number, more: Partial<ImageAxis> = {}): ImageAxis {
  const length = data + 2 * pad;
  const [stride, dilate] = [more.stride ?? 1, more.dilate ?? 1];
  const cells = Math.max(0, Math.floor((length - (taps - 1) * dilate - 1) / stride) + 1);
  return { length, start: pad, available: data, cells, stride, taps, dilate };
}

const axes = fc
  .record({
    data: fc.integer({ min: 0, max: 9 }),
    taps: fc.integer({ min: 1, max: 5 }),
    pad: fc.integer({ min: 0, max: 6 }),
    stride: fc.integer({ min: 1, max: 3 }),
    dilate: fc.integer({ min: 1, max: 3 }),
  })
  .map(({ data, taps, pad, ...more }) => axisOf(data, taps, pad, more));

/** Which element of the source each element of each window is. */
function meetings(axis: ImageAxis, firstCell = 0, firstTap = 0): string[] {
  const { cells, taps, stride, dilate, start, available } = axis;
  return Array.from({ length: cells }, (_, cell) =>
    Array.from({ length: taps }, (_unused, tap) => {
      const source = cell * stride + tap * dilate - start;
      const isInside = source >= 0 && source < available;
      return isInside ? [`${firstCell + cell} ${firstTap + tap} ${source}`] : [];
    }).flat(),
  ).flat();
}

test("pieces meet each element of the source as the whole axis does", () => {
  const costs = fc.record({ piece: fc.nat(9), row: fc.nat(3), tap: fc.nat(9) });
  fc.assert(
    fc.property(axes, costs, (axis, cost) => {
      const pieces = trimAxis(axis, cost);
      const met = pieces.flatMap((one) => meetings(one.axis, one.firstCell, one.firstTap));
      expect(met).toEqual(meetings(axis));
      expect(pieces.reduce((cells, one) => cells + one.axis.cells, 0)).toBe(axis.cells);
      for (const { axis: piece } of pieces) {
        if (piece.taps === 0) continue;
        const reach = (piece.cells - 1) * piece.stride + (piece.taps - 1) * piece.dilate + 1;
        expect(piece.length).toBe(reach);
      }
    }),
  );
});

test("where pieces cost nothing, no row of zeros is left", () => {
  const pieces = trimAxis(axisOf(10, 5, 4), free);
  expect(pieces.map(({ axis }) => [axis.cells, axis.taps])).toEqual([
    [1, 1],
    [1, 2],
    [1, 3],
    [1, 4],
    [6, 5],
    [1, 4],
    [1, 3],
    [1, 2],
    [1, 1],
  ]);
});

test("where pieces cost more than zeros, there is one", () => {
  const axis = axisOf(10, 5, 4);
  const [piece, ...others] = trimAxis(axis, { piece: 1000, row: 1, tap: 1 });
  expect(others).toEqual([]);
  expect(piece).toEqual({ axis: { ...axis, length: 18 }, firstCell: 0, firstTap: 0 });
});

test("with a moderate cost, rows at the ends are taken together", () => {
  const pieces = trimAxis(axisOf(10, 4, 3), { piece: 3, row: 0, tap: 1 });
  expect(pieces.map(({ axis }) => [axis.cells, axis.taps])).toEqual([
    [2, 2],
    [9, 4],
    [2, 2],
  ]);
});
