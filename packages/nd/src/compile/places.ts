import { formatType, InPlaceError, sizeOf, type Value } from "@adjoint/graph";
import type { NDArray } from "../array/ndarray.js";
import type { Storage } from "../recording/storage.js";
import { type Cell, elementsAt, localCell, type Place, withElements } from "./memory.js";
import type { Source, Sources } from "./source.js";
import type { Tape } from "./tape.js";

/** A run of elements of memory outside. */
interface Region {
  readonly offset: number;
  readonly size: number;
  readonly cell: Cell;
  readonly source: Source;
}

/** An input of the tape, and where its value comes from. */
export interface TapeInput {
  readonly value: Value;
  readonly source: Source;
}

/** A cell from outside that holds something else at the end. */
export interface Written {
  readonly source: Source;
  readonly value: Value;
}

/** Which memory the arrays of a function have while it is compiled, and what it holds. */
export class Places {
  readonly inputs: TapeInput[] = [];
  private readonly known = new Map<NDArray, Place>();
  private readonly regions = new Map<Storage, Region[]>();
  private readonly outer: Region[] = [];

  constructor(
    private readonly tape: Tape,
    private readonly sources: Sources,
    /** Gives an array numbers if they are pending. */
    private readonly settle: (array: NDArray) => Storage,
  ) {}

  /** The place of an array; one from outside is captured. */
  of(array: NDArray): Place {
    const known = this.known.get(array);
    if (known !== undefined) return known;
    // An array without numbers is refused before anything is noted.
    this.settle(array);
    return this.outside(array, array, this.sources.ofCaptured(array));
  }

  has(array: NDArray): boolean {
    return this.known.has(array);
  }

  /** Gives `array` the memory that `real` has outside. */
  outside(array: NDArray, real: NDArray, source: Source): Place {
    const storage = this.settle(real);
    const regions = this.regions.get(storage) ?? [];
    this.regions.set(storage, regions);
    const found = regions.find(({ offset, size }) => offset === real.offset && size === real.size);
    const cell = found?.cell ?? this.newCell(regions, real, source);
    if (found !== undefined && found.source !== source) {
      this.sources.share(found.source, source, true);
    }
    return this.put(array, { cell, offset: 0, recorded: undefined, seen: undefined });
  }

  private newCell(regions: Region[], { offset, size }: NDArray, source: Source): Cell {
    const cell: Cell = { type: source.type, source, initial: undefined, value: undefined };
    const region = { offset, size, cell, source };
    if (regions.some((other) => overlap(region, other) && isWritten(other.cell))) {
      throw overlapping(source);
    }
    for (const other of this.outer) {
      if (isWritten(other.cell)) this.sources.share(other.source, source, false);
    }
    regions.push(region);
    this.outer.push(region);
    return cell;
  }

  /** Memory of the function's own for an array. */
  local(array: NDArray, value: Value, recorded: boolean): Place {
    return this.put(array, {
      cell: localCell(value),
      offset: 0,
      recorded: recorded ? value : undefined,
      seen: value,
    });
  }

  /** Makes `array` another array over the memory of `base`. */
  alias(array: NDArray, base: NDArray, offset: number): void {
    const { cell, offset: start } = this.of(base);
    this.put(array, { cell, offset: start + offset, recorded: undefined, seen: undefined });
  }

  private put(array: NDArray, place: Place): Place {
    this.known.set(array, place);
    return place;
  }

  /** What an array holds now. */
  contents(array: NDArray): Value {
    const { cell, offset } = this.of(array);
    return elementsAt(this.whole(cell), offset, array.type);
  }

  /** What a cell holds now; at the first question an input of the program. */
  whole(cell: Cell): Value {
    if (cell.value !== undefined) return cell.value;
    const { source } = cell;
    if (source === undefined) throw new Error("compile: memory without contents");
    const value = this.tape.inputNamed(source.name, source.type, this.tape.site());
    this.inputs.push({ value, source });
    cell.initial = value;
    cell.value = value;
    return value;
  }

  /** Replaces the elements of an array, for all arrays that share the memory. */
  write(array: NDArray, elements: Value): void {
    const { cell, offset } = this.of(array);
    this.checkOverlaps(cell);
    const all = sizeOf(cell.type.shape) === array.size;
    const before = all ? elements : this.whole(cell);
    this.replace(cell, withElements(all ? this.like(cell, elements) : before, offset, elements));
  }

  private like(cell: Cell, elements: Value): Value {
    return elementsAt(elements, 0, cell.type);
  }

  /** Puts other contents into a cell. */
  replace(cell: Cell, value: Value): void {
    this.checkOverlaps(cell);
    const { source } = cell;
    if (source !== undefined && !isWritten(cell)) {
      for (const { source: other } of this.outer) {
        if (other !== source) this.sources.share(source, other, false);
      }
    }
    cell.value = value;
  }

  /** Whether an array was written to after it was recorded. */
  overwritten({ recorded, seen, cell }: Place): boolean {
    return recorded !== undefined && seen !== cell.value;
  }

  /** Memory from outside that does not hold any more what it held at the beginning. */
  get written(): readonly Written[] {
    return this.outer.flatMap(({ cell: { value, initial }, source }) =>
      value === undefined || value === initial ? [] : [{ source, value }],
    );
  }

  private checkOverlaps(cell: Cell): void {
    if (cell.source === undefined) return;
    for (const regions of this.regions.values()) {
      const own = regions.find((one) => one.cell === cell);
      if (own === undefined) continue;
      const other = regions.some((one) => one !== own && overlap(one, own));
      if (other) throw overlapping(cell.source);
    }
  }
}

function isWritten({ value, initial }: Cell): boolean {
  return value !== undefined && value !== initial;
}

function overlap(a: Pick<Region, "offset" | "size">, b: Pick<Region, "offset" | "size">): boolean {
  return a.offset < b.offset + b.size && b.offset < a.offset + a.size;
}

function overlapping({ type }: Source): InPlaceError {
  return new InPlaceError({
    op: "compile",
    problem:
      "array is written to, and another one that the function uses shares part of its memory",
    received: formatType(type),
    allowed: "both made from one array within the function, by at or reshape; or a copy",
  });
}
