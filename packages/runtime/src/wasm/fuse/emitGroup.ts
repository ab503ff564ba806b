import { bytesOf, type DType } from "@adjoint/graph";
import { at } from "../../kernels/prepare.js";
import type { FunctionBuilder, Value } from "../assembler/index.js";
import type { MathContext } from "../math/mathContext.js";
import { emitRefusal, type Refusal, type Refusals } from "../refusals.js";
import { type Accumulator, accumulatorOf } from "./accumulator.js";
import { Cursors } from "./cursors.js";
import { emitMap } from "./emitMap.js";
import { type Access, dtypeOfValue, type GroupStore } from "./group.js";
import { loadLanes, type Place, storeLanes } from "./laneMemory.js";
import { LaneCode } from "./laneCode.js";
import { isWide, type Lanes, laneCount, partOf } from "./lanes.js";
import { byteStrides, type Nest, type Pass, type PassValue, type Spill } from "./nest.js";
import { unrollOf } from "./unroll.js";

/** Writes the code of a group's function. */
export function emitGroup(code: FunctionBuilder, context: Omit<GroupContext, "code">, nest: Nest) {
  new GroupEmitter({ ...context, code }, nest).emit();
}

/** What the code of groups may use. */
export interface GroupContext extends MathContext {
  /** Whether the engine joins neighbouring vectors. */
  readonly revectorizes: boolean;
  /** Those of the memory, which are there once they are asked for. */
  refusals(): Refusals;
}

/** Values of one vector of lanes. */
type Memo = Map<number, Lanes>;

/** A vector of a pass: its row, how far it lies behind the cursors, how many elements it has. */
interface PassVector {
  readonly rowMemo: Memo;
  readonly behind: number;
  readonly count: number;
  readonly accumulators: readonly (readonly [number, Accumulator])[];
}

class GroupEmitter {
  private readonly code: FunctionBuilder;
  private readonly lanes: LaneCode;
  private readonly cursors: Cursors;
  private readonly unroll: number;
  private readonly from: Value<"i32">;
  private readonly to: Value<"i32">;
  private readonly scratch: Value<"i32">;
  private readonly counters: (Value<"i32"> | undefined)[] = [];
  private readonly coordinateAxes: ReadonlySet<number>;
  /** Of V8's revectorizer some functions of doubles are too much: the process ends. */
  private readonly joins: boolean;

  constructor(
    private readonly context: GroupContext,
    private readonly nest: Nest,
  ) {
    this.code = context.code;
    this.lanes = new LaneCode(context);
    this.cursors = new Cursors(this.code);
    this.unroll = unrollOf(nest);
    this.from = this.code.param(0, "i32");
    this.to = this.code.param(1, "i32");
    this.scratch = this.code.param(nest.group.operands.length + 2, "i32");
    const { values } = nest.group;
    this.joins = context.revectorizes && !values.some((value) => isWide(dtypeOfValue(value)));
    const coordinates = values.flatMap((value) =>
      value.kind === "coordinate" ? [value.strides] : [],
    );
    this.coordinateAxes = new Set(
      [...nest.group.axes.keys()].filter((axis) => coordinates.some((of) => of[axis] !== 0)),
    );
  }

  emit(): void {
    const { rows, laneInRow, lane } = this.nest;
    const streams = this.allStreams();
    this.loops(rows, streams, () => {
      if (this.nest.streamedBytes > 0) this.streamedRow(streams);
      else if (!laneInRow) this.row(streams, 1, laneCount, 0);
      else {
        this.laneLoop(lane, streams, (vectors, count, first) => {
          this.row(streams, vectors, count, first);
        });
      }
    });
  }

  /** Nested loops over whole axes, apart from the split one. */
  private loops(axes: readonly number[], streams: readonly number[], body: () => void): void {
    const [axis, ...rest] = axes;
    if (axis === undefined) {
      body();
      return;
    }
    const isSplit = axis === this.nest.split;
    const length = at(this.nest.group.axes, axis).length;
    const inside = () => this.loops(rest, streams, body);
    if (length === 1 && !isSplit) {
      inside();
      return;
    }
    this.cursors.within(streams, axis, isSplit ? this.from : undefined, (advance) => {
      const counter = this.code.variable("i32", isSplit ? this.from : 0);
      this.counters[axis] = counter;
      this.code.countUp(counter, isSplit ? this.to : length, 1, () => {
        inside();
        advance(1);
      });
    });
  }

  /**
   * A loop over the lanes' axis: `body` gets how many vectors it shall compute, how many elements
   * the last of them has, and how many elements the first lies behind the cursors.
   */
  private laneLoop(
    axis: number,
    streams: readonly number[],
    body: (vectors: number, count: number, first: number) => void,
  ): void {
    const { length } = at(this.nest.group.axes, axis);
    const isSplit = axis === this.nest.split;
    const step = laneCount * this.unroll;
    const turns = Math.floor(length / step);
    const rest = () => this.laneRest(length % step, isSplit || turns !== 1 ? 0 : step, body);
    if (turns === 0 || (turns === 1 && !isSplit)) {
      if (turns === 1) this.turn(this.unroll, () => body(this.unroll, laneCount, 0));
      rest();
      return;
    }
    this.cursors.within(streams, axis, isSplit ? this.from : undefined, (advance) => {
      const counter = this.code.variable("i32", isSplit ? this.from : 0);
      this.counters[axis] = counter;
      const end = turns * step;
      const last = this.code.variable("i32", isSplit ? this.to : end);
      if (isSplit) {
        const beyond = this.code.op("i32.gt_s", last, end);
        this.code.if(beyond, () => this.code.assign(last, end));
      }
      this.code.countUp(counter, last, step, () => {
        this.turn(this.unroll, () => body(this.unroll, laneCount, 0));
        advance(step);
      });
      if (isSplit) this.code.if(this.code.op("i32.eq", this.to, length), rest);
      else rest();
    });
    this.counters[axis] = undefined;
  }

  /** Code of a turn of a loop that computes so many vectors. */
  private turn(vectors: number, body: () => void): void {
    if (this.joins && vectors > 1) this.code.separateTurn(body);
    else body();
  }

  /** The elements that the main loop leaves. */
  private laneRest(
    left: number,
    first: number,
    body: (vectors: number, count: number, first: number) => void,
  ): void {
    const whole = Math.floor(left / laneCount);
    if (whole > 0) this.turn(whole, () => body(whole, laneCount, first));
    const count = left % laneCount;
    if (count > 0) body(1, count, first + whole * laneCount);
  }

  /** All passes over one row, or over as many rows as there are lanes. */
  private row(streams: readonly number[], vectors: number, count: number, first: number): void {
    const { laneInRow, passes, after, rowStores } = this.nest;
    const memos = Array.from({ length: laneInRow ? vectors : 1 }, (): Memo => new Map());
    const rowCount = laneInRow ? count : 1;
    const atVector = (vector: number) => (laneInRow ? first + vector * laneCount : 0);
    const computeRow = (values: readonly number[]) => {
      for (const [vector, memo] of memos.entries()) {
        for (const value of values) {
          const passValue = { value, from: "computed" } as const;
          memo.set(value, this.compute(passValue, memo, memo, atVector(vector), rowCount));
        }
      }
    };
    for (const pass of passes) {
      computeRow(pass.before);
      this.runPass(pass, streams, memos, rowCount, first);
    }
    computeRow(after);
    memos.forEach((memo, vector) => {
      for (const store of rowStores) this.store(store, memo, memo, atVector(vector), rowCount);
    });
  }

  /**
   * The only pass over as many rows as the lanes' axis is long: each reduction goes on from what it
   * left in scratch memory.
   */
  private streamedRow(streams: readonly number[]): void {
    const { passes, inner, lane, after, rowStores } = this.nest;
    const pass = at(passes, 0);
    const chains = Array.from({ length: this.unroll }, () => this.accumulators(pass));
    const eachVector = (
      body: (own: readonly [number, Accumulator][], behind: number, count: number) => void,
    ) =>
      this.laneLoop(lane, streams, (vectors, count, first) => {
        for (let vector = 0; vector < vectors; vector++) {
          body(at(chains, vector), first + vector * laneCount, count);
        }
      });
    eachVector((own, behind) => this.keepStates(own, behind));
    this.loops(inner, streams, () =>
      eachVector((own, behind, count) => {
        this.takeStates(own, behind);
        const memo = this.rowMemo(pass.before, new Map(), behind, count);
        this.elements(pass, [{ rowMemo: memo, behind, count, accumulators: own }]);
        this.keepStates(own, behind);
      }),
    );
    eachVector((own, behind, count) => {
      this.takeStates(own, behind);
      const reduced: Memo = new Map(own.map(([id, one]) => [id, one.perLane()]));
      const known = this.rowMemo(pass.before, reduced, behind, count);
      const memo = this.rowMemo(after, known, behind, count);
      for (const store of rowStores) this.store(store, memo, memo, behind, count);
    });
  }

  /** Adds values of rows to what is known of them. */
  private rowMemo(values: readonly number[], known: Memo, behind: number, count: number): Memo {
    for (const value of values) {
      known.set(value, this.compute({ value, from: "computed" }, known, known, behind, count));
    }
    return known;
  }

  /** Where the state of the reductions of four rows is. */
  private statesPlace(behind: number): Place {
    const stream = this.statesStream();
    const stride = this.nest.streamedBytes / laneCount;
    return { address: this.cursors.address(stream), displacement: behind * stride, stride };
  }

  private statesStream(): number {
    const { group, lane, streamedBytes } = this.nest;
    const step = streamedBytes / laneCount;
    return this.cursors.open(
      this.scratch,
      group.axes.map((_, axis) => (axis === lane ? step : 0)),
    );
  }

  private keepStates(own: readonly [number, Accumulator][], behind: number): void {
    const { address, displacement } = this.statesPlace(behind);
    for (const [i, part] of own.flatMap(([, { state }]) => state).entries()) {
      this.code.store("v128.store", address, part, displacement + i * 16);
    }
  }

  private takeStates(own: readonly [number, Accumulator][], behind: number): void {
    const { address, displacement } = this.statesPlace(behind);
    for (const [i, part] of own.flatMap(([, { state }]) => state).entries()) {
      this.code.assign(part, this.code.load("v128.load", address, displacement + i * 16));
    }
  }

  private accumulators(pass: Pass): readonly [number, Accumulator][] {
    return pass.reduces.map((id) => {
      const value = at(this.nest.group.values, id);
      if (value.kind !== "reduce") throw new TypeError("not a reduction");
      return [id, accumulatorOf(this.lanes, value.monoid, value.dtype)];
    });
  }

  private runPass(
    pass: Pass,
    streams: readonly number[],
    memos: readonly Memo[],
    rowCount: number,
    first: number,
  ): void {
    const { laneInRow, inner, lane, group } = this.nest;
    const vectors = Math.floor(at(group.axes, lane).length / laneCount);
    const chains = laneInRow ? memos.length : Math.min(this.unroll, Math.max(1, vectors));
    const accumulators = Array.from({ length: chains }, () => this.accumulators(pass));
    const elements = (vectors: number, count: number, behind: number) =>
      this.elements(
        pass,
        Array.from({ length: vectors }, (_, vector) => ({
          rowMemo: at(memos, laneInRow ? vector : 0),
          behind: behind + vector * laneCount,
          count,
          accumulators: at(accumulators, vector),
        })),
      );
    this.loops(inner, streams, () => {
      if (laneInRow) this.turn(memos.length, () => elements(memos.length, rowCount, first));
      else this.laneLoop(lane, streams, elements);
    });
    this.finish(accumulators, memos);
  }

  private finish(
    accumulators: readonly (readonly [number, Accumulator][])[],
    memos: readonly Memo[],
  ): void {
    if (this.nest.laneInRow) {
      memos.forEach((memo, vector) => {
        for (const [id, one] of at(accumulators, vector)) memo.set(id, one.perLane());
      });
      return;
    }
    const [main, ...others] = accumulators;
    main?.forEach(([id, one], position) => {
      for (const other of others) one.merge(at(other, position)[1]);
      at(memos, 0).set(id, one.across());
    });
  }

  /**
   * Some vectors of a pass. Stores of neighbours lie together, in which form engines join them; where
   * they do not, one vector after another takes fewer registers.
   */
  private elements(pass: Pass, vectors: readonly PassVector[]): void {
    const together = this.joins ? [vectors] : vectors.map((vector) => [vector]);
    for (const some of together) {
      const memos = some.map((vector): [PassVector, Memo] => [vector, this.valuesOf(pass, vector)]);
      for (const store of pass.stores) {
        for (const [{ rowMemo, behind, count }, memo] of memos) {
          this.store(store, memo, rowMemo, behind, count);
        }
      }
      for (const spill of pass.spills) {
        for (const [{ rowMemo, behind }, memo] of memos) {
          const place = this.spillPlace(spill, behind);
          storeLanes(this.context, place, this.lookUp(spill.value, memo, rowMemo), laneCount);
        }
      }
      for (const [vector, memo] of memos) this.accumulate(vector, memo);
    }
  }

  private valuesOf(pass: Pass, { rowMemo, behind, count }: PassVector): Memo {
    const memo: Memo = new Map();
    for (const value of pass.values) {
      memo.set(value.value, this.compute(value, memo, rowMemo, behind, count));
    }
    return memo;
  }

  private accumulate({ rowMemo, count, accumulators }: PassVector, memo: Memo): void {
    // In rows of lanes, the lanes beyond the end are results that nobody stores.
    const taken = this.nest.laneInRow ? laneCount : count;
    for (const [id, accumulator] of accumulators) {
      const value = at(this.nest.group.values, id);
      if (value.kind === "reduce") accumulator.add(this.lookUp(value.x, memo, rowMemo), taken);
    }
  }

  private lookUp(value: number, memo: Memo, rowMemo: Memo): Lanes {
    const lanes = memo.get(value) ?? rowMemo.get(value);
    if (lanes === undefined) throw new Error(`group: value ${value} is not there`);
    return lanes;
  }

  private compute(
    { value, from }: PassValue,
    memo: Memo,
    rowMemo: Memo,
    behind: number,
    count: number,
  ): Lanes {
    const what = at(this.nest.group.values, value);
    if (from !== "computed") return this.reload(from, behind, count);
    switch (what.kind) {
      case "load":
        return this.load(what.access, behind, count);
      case "coordinate":
        return this.coordinate(what.strides, behind);
      case "map": {
        const ins = what.ins.map((of) => this.lookUp(of, memo, rowMemo));
        return emitMap(this.lanes, what.expr, ins, (divisor) => {
          this.refuseZeros(divisor, count, what.refusal);
        });
      }
      case "reduce":
        throw new Error("a reduction is known after its pass");
      default:
        return what satisfies never;
    }
  }

  /** Refuses a zero among the first `count` of four elements. */
  private refuseZeros(divisor: Lanes, count: number, refusal: Refusal | undefined): void {
    if (refusal === undefined) throw new TypeError("a quotient without a refusal");
    const { code, lanes, context } = this;
    const zeros = partOf(lanes.cast(lanes.unary("not", divisor), "bool"));
    const taken = Int32Array.from({ length: laneCount }, (_, lane) => (lane < count ? -1 : 0));
    const mask = context.constants.addressOf(new Uint8Array(taken.buffer));
    const refused = code.op("v128.and", zeros, code.load("v128.load", mask));
    code.if(code.op("v128.any_true", refused), () => {
      const { address } = context.refusals();
      emitRefusal(code, address, context.refusals().numberOf(refusal));
    });
  }

  private reload(from: Access | Spill, behind: number, count: number): Lanes {
    if ("operand" in from) return this.load(from, behind, count);
    return loadLanes(this.context, from.dtype, this.spillPlace(from, behind), laneCount);
  }

  private load(access: Access, behind: number, count: number): Lanes {
    const dtype = at(this.nest.group.operands, access.operand);
    return loadLanes(this.context, dtype, this.placeOf(access, behind), count);
  }

  private store(
    { value, access }: GroupStore,
    memo: Memo,
    rowMemo: Memo,
    behind: number,
    count: number,
  ): void {
    const dtype = at(this.nest.group.operands, access.operand);
    const lanes = this.lanes.cast(this.lookUp(value, memo, rowMemo), dtype);
    storeLanes(this.context, this.placeOf(access, behind), lanes, count);
  }

  private placeOf(access: Access, behind: number): Place {
    const dtype = at(this.nest.group.operands, access.operand);
    const stream = this.streamOf(access);
    const stride = this.cursors.stride(stream, this.nest.lane);
    const displacement = access.offset * bytesOf(dtype) + behind * stride;
    return { address: this.cursors.address(stream), displacement, stride };
  }

  private streamOf({ operand, strides }: Access): number {
    const dtype = at(this.nest.group.operands, operand);
    return this.cursors.open(this.code.param(operand + 2, "i32"), byteStrides(strides, dtype));
  }

  private spillPlace({ dtype, offset }: Spill, behind: number): Place {
    const stream = this.spillStream(dtype);
    const stride = bytesOf(dtype);
    const along = this.nest.laneInRow ? 0 : behind * stride;
    return { address: this.cursors.address(stream), displacement: offset + along, stride };
  }

  /** Scratch rows lie along the inner axes; with lanes in rows, a vector each. */
  private spillStream(dtype: DType): number {
    const { group, inner, lane, laneInRow } = this.nest;
    const strides = group.axes.map(() => 0);
    let step = bytesOf(dtype);
    if (laneInRow) step *= laneCount;
    else {
      strides[lane] = step;
      step *= Math.ceil(at(group.axes, lane).length / laneCount) * laneCount;
    }
    for (const axis of [...inner].reverse()) {
      strides[axis] = step;
      step *= at(group.axes, axis).length;
    }
    return this.cursors.open(this.scratch, strides);
  }

  private allStreams(): number[] {
    const { values, stores } = this.nest.group;
    const loads = values.flatMap((value) => (value.kind === "load" ? [value.access] : []));
    const accesses = [...loads, ...stores.map(({ access }) => access)];
    const spills = this.nest.passes.flatMap((pass) => pass.spills);
    return [
      ...new Set([
        ...accesses.map((access) => this.streamOf(access)),
        ...spills.map(({ dtype }) => this.spillStream(dtype)),
        ...(this.nest.streamedBytes > 0 ? [this.statesStream()] : []),
      ]),
    ];
  }

  /** The sum of multiples of the counters, for four elements along the lanes' axis. */
  private coordinate(strides: readonly number[], behind: number): Lanes {
    const { code, lanes } = this;
    let whole = code.i32(0);
    for (const axis of this.coordinateAxes) {
      const counter = this.counters[axis];
      const stride = strides[axis] ?? 0;
      if (counter !== undefined && stride !== 0) {
        whole = code.op("i32.add", whole, code.op("i32.mul", counter, stride));
      }
    }
    const stride = strides[this.nest.lane] ?? 0;
    const first = code.op("i32.add", whole, behind * stride);
    const steps = new Int32Array(laneCount).map((_, i) => i * stride);
    const along = code.load(
      "v128.load",
      this.context.constants.addressOf(new Uint8Array(steps.buffer)),
    );
    const part = code.op("i32x4.add", code.op("i32x4.splat", first), along);
    return lanes.cast({ dtype: "int32", parts: [part] }, "float64");
  }
}
