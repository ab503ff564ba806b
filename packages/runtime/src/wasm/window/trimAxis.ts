import { at } from "../../kernels/prepare.js";
import type { ImageAxis } from "./imageLayout.js";

/** Neighbouring windows along an axis, and the elements of theirs that may lie inside the source. */
export interface AxisPiece {
  readonly axis: ImageAxis;
  /** The first of these windows, and of these elements. */
  readonly firstCell: number;
  readonly firstTap: number;
}

/** What a piece costs, in the same unit: fixed, for each row that it reads, for each tap of a cell. */
export interface PieceCosts {
  readonly piece: number;
  readonly row: number;
  readonly tap: number;
}

interface Run {
  readonly from: number;
  readonly to: number;
  readonly firstTap: number;
  readonly pastTap: number;
}

/** Runs of equal windows at the most; with more, an axis stays whole. */
const mostRuns = 64;

/**
 * Cuts an axis where windows reach over the ends of the source: pieces leave out elements that would
 * only be zeros, as far as that is cheaper than more pieces. Windows without any element inside
 * become pieces without taps.
 */
export function trimAxis(axis: ImageAxis, costs: PieceCosts): readonly AxisPiece[] {
  const runs = runsOf(axis);
  if (runs.length > mostRuns) return [{ axis, firstCell: 0, firstTap: 0 }];
  const costOf = ({ from, to, firstTap, pastTap }: Run) => {
    const [cells, taps] = [to - from, pastTap - firstTap];
    if (taps === 0) return 0;
    return costs.piece + costs.row * (cells * axis.stride + taps) + costs.tap * cells * taps;
  };
  // The cheapest ways to cut the first runs, each one run longer.
  const best: { readonly cost: number; readonly pieces: readonly Run[] }[] = [
    { cost: 0, pieces: [] },
  ];
  for (const [index] of runs.entries()) {
    const ways = runs.slice(0, index + 1).map((_, first) => {
      const piece = joined(runs.slice(first, index + 1));
      const before = at(best, first);
      return { cost: before.cost + costOf(piece), pieces: [...before.pieces, piece] };
    });
    best.push(ways.reduce((cheapest, way) => (way.cost < cheapest.cost ? way : cheapest)));
  }
  return at(best, runs.length).pieces.map((run) => pieceOf(axis, run));
}

/** Neighbouring windows that have the same elements inside the source. */
function runsOf({ cells, taps, stride, dilate, start, available }: ImageAxis): readonly Run[] {
  const runs: Run[] = [];
  // A single element has no next one.
  const step = Math.max(1, dilate);
  for (let cell = 0; cell < cells; cell++) {
    const corner = cell * stride - start;
    const low = Math.max(0, Math.ceil(-corner / step));
    const high = Math.min(taps, Math.floor((available - 1 - corner) / step) + 1);
    const [firstTap, pastTap] = low < high ? [low, high] : [0, 0];
    const last = runs.at(-1);
    if (last !== undefined && last.firstTap === firstTap && last.pastTap === pastTap) {
      runs[runs.length - 1] = { ...last, to: cell + 1 };
    } else runs.push({ from: cell, to: cell + 1, firstTap, pastTap });
  }
  return runs;
}

function joined(runs: readonly Run[]): Run {
  const some = runs.filter(({ firstTap, pastTap }) => pastTap > firstTap);
  return {
    from: at(runs, 0).from,
    to: at(runs, runs.length - 1).to,
    firstTap: some.length === 0 ? 0 : Math.min(...some.map(({ firstTap }) => firstTap)),
    pastTap: Math.max(0, ...some.map(({ pastTap }) => pastTap)),
  };
}

function pieceOf(axis: ImageAxis, { from, to, firstTap, pastTap }: Run): AxisPiece {
  const { stride, dilate, start } = axis;
  const [cells, taps] = [to - from, pastTap - firstTap];
  return {
    axis: {
      ...axis,
      start: start - from * stride - firstTap * dilate,
      length: Math.max(0, (cells - 1) * stride + Math.max(0, taps - 1) * dilate + 1),
      cells,
      taps,
    },
    firstCell: from,
    firstTap,
  };
}
