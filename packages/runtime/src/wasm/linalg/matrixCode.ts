import { bytesOf, type DType } from "@adjoint/graph";
import type { FunctionBuilder, FunctionRef, ModuleBuilder, Value } from "../assembler/index.js";
import { Cells } from "../cells/cells.js";
import { beginFunction } from "../library/definition.js";

export type Int = Value<"i32">;
export type Double = Value<"f64">;

/** Arithmetic on matrices of doubles in scratch memory, in the code of one function. */
export class MatrixCode {
  constructor(readonly code: FunctionBuilder) {}

  /** The address of element (row, column) of a matrix with `width` columns. */
  at(base: Int, row: Int, column: Int, width: Int): Int {
    const index = this.code.op("i32.add", this.code.op("i32.mul", row, width), column);
    return this.element(base, index);
  }

  element(base: Int, index: Int): Int {
    return this.code.op("i32.add", base, this.code.op("i32.shl", index, 3));
  }

  load(address: Int): Double {
    return this.code.load("f64.load", address);
  }

  store(address: Int, value: Double): void {
    this.code.store("f64.store", address, value);
  }

  zero(): Double {
    return this.code.f64(0);
  }

  one(): Double {
    return this.code.f64(1);
  }

  int(value: Int | number): Int {
    return this.code.variable("i32", value);
  }

  double(value: Double): Double {
    return this.code.variable("f64", value);
  }

  add(a: Int, b: Int | number): Int {
    return this.code.op("i32.add", a, b);
  }

  /** `body` for indices from `from` up to `to`, without it. */
  upTo(from: Int | number, to: Int, body: (index: Int) => void): void {
    const index = this.int(from);
    this.code.countUp(index, to, 1, () => body(index));
  }

  /** `body` for indices from `from` - 1 down to 0. */
  downFrom(from: Int, body: (index: Int) => void): void {
    const index = this.int(from);
    this.code.block((done) => {
      this.code.loop((again) => {
        this.code.increase(index, -1);
        this.code.branchIf(this.code.op("i32.lt_s", index, 0), done);
        body(index);
        this.code.branch(again);
      });
    });
  }

  /** `x += by`, of an address and doubles. */
  next(address: Int, elements: Int | number = 1): void {
    const { code } = this;
    const bytes = typeof elements === "number" ? 8 * elements : code.op("i32.shl", elements, 3);
    code.increase(address, bytes);
  }

  /** start - sum of products of two lines of `count` elements, in order; steps in elements. */
  restOf(start: Double, count: Int, a: Line, b: Line): Double {
    const { code } = this;
    const [x, y, rest] = [this.int(a.from), this.int(b.from), this.double(start)];
    code.countUp(code.variable("i32", 0), count, 1, () => {
      const product = code.op("f64.mul", this.load(x), this.load(y));
      code.assign(rest, code.op("f64.sub", rest, product));
      this.next(x, a.step);
      this.next(y, b.step);
    });
    return rest;
  }

  swap(a: Int, b: Int): void {
    const [x, y] = [this.load(a), this.load(b)];
    this.store(a, y);
    this.store(b, x);
  }

  /** Exchanges two lines of `count` elements, unless they are the same. */
  swapLines(count: Int, a: Line, b: Line): void {
    const { code } = this;
    code.if(code.op("i32.ne", a.from, b.from), () => {
      const [x, y] = [this.int(a.from), this.int(b.from)];
      code.countUp(code.variable("i32", 0), count, 1, () => {
        this.swap(x, y);
        this.next(x, a.step);
        this.next(y, b.step);
      });
    });
  }

  /** Subtracts `factor` times a line from another one, of adjacent elements. */
  subtractLine(count: Int, from: Int, factor: Double, to: Int): void {
    const { code } = this;
    const [x, y] = [this.int(from), this.int(to)];
    code.countUp(code.variable("i32", 0), count, 1, () => {
      const product = code.op("f64.mul", factor, this.load(x));
      this.store(y, code.op("f64.sub", this.load(y), product));
      this.next(x);
      this.next(y);
    });
  }
}

/** Elements one after another: where the first lies, and elements from one to the next. */
export interface Line {
  readonly from: Int;
  readonly step: Int | number;
}

/** Functions that move `count` elements of a dtype to doubles and back. */
export interface Transfers {
  readonly read: FunctionRef;
  readonly write: FunctionRef;
}

export function addTransfers(module: ModuleBuilder, dtype: DType): Transfers {
  const cells = new Cells(module);
  const names = ["from", "count", "to"] as const;
  const transfer = (name: string, reads: boolean): FunctionRef => {
    const { code, of, ref } = beginFunction(module, name, names, "own");
    code.countUp(code.variable("i32", 0), of("count"), 1, () => {
      if (reads) code.store("f64.store", of("to"), cells.load(code, dtype, of("from")));
      else cells.store(code, dtype, of("to"), code.load("f64.load", of("from")));
      code.increase(of("from"), reads ? bytesOf(dtype) : 8);
      code.increase(of("to"), reads ? 8 : bytesOf(dtype));
    });
    return ref;
  };
  return { read: transfer("read", true), write: transfer("write", false) };
}
