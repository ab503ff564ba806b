import type { CallArgument, LibraryCall, LibraryFunction } from "../libraryCall.js";
import type { WindowLibraries } from "./windowLibraries.js";

/** Addresses that stand for those of operands and of scratch memory: far apart from each other. */
const far = 2 ** 40;

export const standIns = { first: far, second: 2 * far, third: 3 * far, scratch: 4 * far } as const;

type Numeric = (...args: readonly number[]) => void;

/** Functions that note what they are called with. */
export interface Recorder {
  readonly calls: LibraryCall[];
  readonly contract: { readonly packLeft: Numeric; readonly macro: Numeric };
  readonly window: {
    readonly fillOffsets: Numeric;
    readonly spread: Numeric;
    readonly packWindows: Numeric;
    readonly clear: Numeric;
  };
}

export type WindowExports = Recorder["window"];

/** A recorder of calls of the given libraries. */
export function recorderOf({ contract, window }: WindowLibraries): Recorder {
  const calls: LibraryCall[] = [];
  const noting =
    (target: LibraryFunction): Numeric =>
    (...args) => {
      calls.push({ target, args: args.map(argumentOf) });
    };
  return {
    calls,
    contract: {
      packLeft: noting(contract.functions.packLeft),
      macro: noting(contract.functions.macro),
    },
    window: {
      fillOffsets: noting(window.functions.fillOffsets),
      spread: noting(window.functions.spread),
      packWindows: noting(window.functions.packWindows),
      clear: noting(window.functions.clear),
    },
  };
}

function argumentOf(value: number): CallArgument {
  const place = Math.round(value / far);
  const offset = value - place * far;
  if (place === 0) return offset;
  return place === 4 ? { scratch: offset } : { operand: place - 1, offset };
}
