import { ByteWriter } from "./encoding.js";
import {
  type AtomicName,
  atomics,
  type InstructionName,
  instructions,
  type LaneInstructionName,
  type LaneLoadName,
  type LaneStoreName,
  laneInstructions,
  laneLoads,
  laneStores,
  type LoadName,
  loads,
  type StoreName,
  stores,
  type ValueType,
  valueTypeCodes,
} from "./instructions.js";
import type { AnyOperand, Operand, Operands, Value } from "./value.js";

type ResultOf<N extends InstructionName> = (typeof instructions)[N]["result"];
type OperandsOf<N extends InstructionName> = Operands<(typeof instructions)[N]["operands"]>;

/** Parameter and result types of a function. */
export interface FunctionType {
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
}

/** A function of a module, imported or its own, as calls name it. */
export interface FunctionRef {
  readonly name: string;
  readonly index: number;
  readonly type: FunctionType;
}

/** A place that branches go to: the end of a block, or the start of a loop. */
export interface Label {
  readonly depth: number;
}

const voidBlock = 0x40;

/** What one turn of a loop has computed so far. */
interface Turn {
  readonly depth: number;
  readonly vectors: Value[];
  readonly constants: Map<number, Value<"v128">>;
}

/**
 * Writes the code of one function. Each instruction takes values and gives a value that sits in a
 * local of its own; what registers they get is the engine's choice. Variables are locals that
 * `assign` changes.
 *
 * @example
 * ```ts
 * const [x, y] = code.params; // both i32
 * code.return(code.op("i32.add", x, y));
 * ```
 */
export class FunctionBuilder implements FunctionRef {
  private readonly code = new ByteWriter();
  private readonly locals: ValueType[] = [];
  private depth = 0;
  private turn: Turn | undefined;

  constructor(
    readonly name: string,
    readonly index: number,
    readonly type: FunctionType,
  ) {}

  /** The parameter at a position, which must have the given type. */
  param<T extends ValueType>(position: number, type: T): Value<T> {
    if (this.type.params[position] !== type) {
      throw new TypeError(`${this.name}: parameter ${position} is no ${type}`);
    }
    return { kind: "local", type, local: position };
  }

  /** A local; zero unless an initial value is given. */
  variable<T extends ValueType>(type: T, initial?: Operand<T>): Value<T> {
    const variable = this.newLocal(type);
    if (initial !== undefined) this.assign(variable, initial);
    return variable;
  }

  assign<T extends ValueType>(variable: Value<T>, value: Operand<T>): void {
    this.push(value);
    this.setLocal(variable);
  }

  op<N extends InstructionName>(name: N, ...operands: OperandsOf<N>): Value<ResultOf<N>>;
  op(name: InstructionName, ...operands: readonly AnyOperand[]): Value {
    const { code, result } = instructions[name];
    for (const operand of operands) this.push(operand);
    this.code.append(code);
    return this.keep(result);
  }

  /** Adds in place: `variable += by`. */
  increase(variable: Value<"i32">, by: Operand<"i32">): void {
    this.push(variable);
    this.push(by);
    this.code.append(instructions["i32.add"].code);
    this.setLocal(variable);
  }

  /** Loads from `address + offset`; `offset` in bytes. */
  load<N extends LoadName>(
    name: N,
    address: Operand<"i32">,
    offset = 0,
  ): Value<(typeof loads)[N]["type"]> {
    const { code, type, align } = loads[name];
    this.push(address);
    this.code.append(code);
    this.memoryArgument(align, offset);
    return this.keep(type);
  }

  store<N extends StoreName>(
    name: N,
    address: Operand<"i32">,
    value: Operand<(typeof stores)[N]["type"]>,
    offset?: number,
  ): void;
  store(name: StoreName, address: Operand<"i32">, value: AnyOperand, offset = 0): void {
    const { code, align } = stores[name];
    this.push(address);
    this.push(value);
    this.code.append(code);
    this.memoryArgument(align, offset);
  }

  /** `vector` with one lane replaced by what lies at `address + offset`. */
  loadLane(
    name: LaneLoadName,
    lane: number,
    address: Operand<"i32">,
    vector: Value<"v128">,
    offset = 0,
  ): Value<"v128"> {
    const { code, align } = laneLoads[name];
    this.push(address);
    this.push(vector);
    this.code.append(code);
    this.memoryArgument(align, offset);
    this.code.byte(lane);
    return this.keep("v128");
  }

  /** Stores one lane of `vector`. */
  storeLane(
    name: LaneStoreName,
    lane: number,
    address: Operand<"i32">,
    vector: Value<"v128">,
    offset = 0,
  ): void {
    const { code, align } = laneStores[name];
    this.push(address);
    this.push(vector);
    this.code.append(code);
    this.memoryArgument(align, offset);
    this.code.byte(lane);
  }

  /** An atomic operation on the word at `address + offset`. */
  atomic<N extends AtomicName>(
    name: N,
    address: Operand<"i32">,
    offset: number,
    ...operands: Operands<(typeof atomics)[N]["operands"]>
  ): Value<"i32">;
  atomic(
    name: AtomicName,
    address: Operand<"i32">,
    offset: number,
    ...operands: readonly AnyOperand[]
  ): Value<"i32"> {
    const { code, result } = atomics[name];
    this.push(address);
    for (const operand of operands) this.push(operand);
    this.code.append(code);
    this.memoryArgument(2, offset);
    return this.keep(result);
  }

  /** Sets `count` bytes from `address` on to zero. */
  clear(address: Operand<"i32">, count: Operand<"i32">): void {
    this.push(address);
    this.push(0);
    this.push(count);
    this.code.append([0xfc, 11, 0]);
  }

  /** Copies `count` bytes; the two places may overlap. */
  copy(to: Operand<"i32">, from: Operand<"i32">, count: Operand<"i32">): void {
    this.push(to);
    this.push(from);
    this.push(count);
    this.code.append([0xfc, 10, 0, 0]);
  }

  /** Stops with an error of the engine's, a `WebAssembly.RuntimeError`. */
  trap(): void {
    this.code.byte(0x00);
  }

  /** Reads or replaces one lane of a vector. */
  lane<N extends LaneInstructionName>(
    name: N,
    lane: number,
    ...operands: Operands<(typeof laneInstructions)[N]["operands"]>
  ): Value<(typeof laneInstructions)[N]["result"]>;
  lane(name: LaneInstructionName, lane: number, ...operands: readonly AnyOperand[]): Value {
    const { code, result } = laneInstructions[name];
    for (const operand of operands) this.push(operand);
    this.code.append(code);
    this.code.byte(lane);
    return this.keep(result);
  }

  /** 16 bytes chosen from the 32 of both operands. */
  shuffle(a: Value<"v128">, b: Value<"v128">, bytes: readonly number[]): Value<"v128"> {
    this.push(a);
    this.push(b);
    this.code.append([0xfd, 0x0d]);
    this.code.append(bytes);
    return this.keep("v128");
  }

  i32(value: number): Value<"i32"> {
    this.push(value);
    return this.keep("i32");
  }

  i64(value: bigint): Value<"i64"> {
    this.code.byte(0x42);
    this.code.signed64(value);
    return this.keep("i64");
  }

  f32(value: number): Value<"f32"> {
    this.code.byte(0x43);
    this.code.append(new Uint8Array(Float32Array.of(value).buffer));
    return this.keep("f32");
  }

  f64(value: number): Value<"f64"> {
    this.code.byte(0x44);
    this.code.append(new Uint8Array(Float64Array.of(value).buffer));
    return this.keep("f64");
  }

  /** A vector of 16 constant bytes. */
  v128(bytes: ArrayLike<number>): Value<"v128"> {
    this.code.append([0xfd, 0x0c]);
    this.code.append(bytes);
    return this.keep("v128");
  }

  /** `condition` not zero: `a`, else `b`. Both are computed. */
  select<T extends ValueType>(condition: Operand<"i32">, a: Value<T>, b: Value<T>): Value<T> {
    this.push(a);
    this.push(b);
    this.push(condition);
    if (a.type === "v128") this.code.append([0x1c, 1, valueTypeCodes.v128]);
    else this.code.byte(0x1b);
    return this.keep(a.type);
  }

  /** Code that branches to the label leave. */
  block(body: (end: Label) => void): void {
    this.enter(0x02, body);
  }

  /** Code that branches to the label repeat. */
  loop(body: (start: Label) => void): void {
    this.enter(0x03, body);
  }

  if(condition: Operand<"i32">, body: () => void, otherwise?: () => void): void {
    this.push(condition);
    this.enter(0x04, () => {
      body();
      if (otherwise === undefined) return;
      this.code.byte(0x05);
      otherwise();
    });
  }

  branch(to: Label): void {
    this.code.byte(0x0c);
    this.code.unsigned(this.depth - to.depth);
  }

  branchIf(condition: Operand<"i32">, to: Label): void {
    this.push(condition);
    this.code.byte(0x0d);
    this.code.unsigned(this.depth - to.depth);
  }

  /**
   * Runs `body` for `counter` from what it holds while it is less than `end` (signed), in steps of
   * `step`.
   */
  countUp(counter: Value<"i32">, end: Operand<"i32">, step: number, body: () => void): void {
    this.block((done) => {
      this.branchIf(this.op("i32.ge_s", counter, end), done);
      this.loop((again) => {
        body();
        this.increase(counter, step);
        this.branchIf(this.op("i32.lt_s", counter, end), again);
      });
    });
  }

  /**
   * One turn of a loop, in the form in which V8's revectorizer joins neighbouring vectors: they share
   * constants, and are cleared at the end, since a local that keeps its vector until the next turn
   * counts as a use of it.
   */
  separateTurn(body: () => void): void {
    const outer = this.turn;
    const turn: Turn = { depth: this.depth, vectors: [], constants: new Map() };
    this.turn = turn;
    body();
    this.turn = outer;
    if (turn.vectors.length === 0) return;
    const zero = this.newLocal("v128");
    for (const vector of turn.vectors) this.assign(vector, zero);
  }

  /**
   * A vector of equal lanes of so many bits, which lies at `address` and is never written: loaded once
   * in a separate turn, else at each use.
   */
  constant(lane: 32 | 64, address: number): Value<"v128"> {
    const { turn } = this;
    if (turn === undefined) return this.load("v128.load", address);
    const known = turn.constants.get(address);
    if (known !== undefined) return known;
    const value = this.load(lane === 32 ? "v128.load32_splat" : "v128.load64_splat", address);
    // What a branch loads is not there behind it.
    if (turn.depth === this.depth) turn.constants.set(address, value);
    return value;
  }

  /** Calls a function without results. */
  call(target: FunctionRef, ...args: readonly AnyOperand[]): void {
    this.emitCall(target, args);
  }

  /** Calls a function whose only result has the given type. */
  callFor<T extends ValueType>(
    target: FunctionRef,
    type: T,
    ...args: readonly AnyOperand[]
  ): Value<T> {
    if (target.type.results[0] !== type) throw new TypeError(`${target.name} gives no ${type}`);
    this.emitCall(target, args);
    return this.keep(type);
  }

  return(...results: readonly AnyOperand[]): void {
    for (const result of results) this.push(result);
    this.code.byte(0x0f);
  }

  /** The bytes of the function in a code section, without their length. */
  body(): Uint8Array {
    const out = new ByteWriter();
    const runs: { type: ValueType; count: number }[] = [];
    for (const type of this.locals) {
      const last = runs.at(-1);
      if (last?.type === type) last.count++;
      else runs.push({ type, count: 1 });
    }
    out.unsigned(runs.length);
    for (const { type, count } of runs) {
      out.unsigned(count);
      out.byte(valueTypeCodes[type]);
    }
    out.append(this.code.view());
    out.byte(0x0b);
    return out.view();
  }

  private emitCall(target: FunctionRef, args: readonly AnyOperand[]): void {
    if (args.length !== target.type.params.length) {
      throw new TypeError(`${target.name} takes ${target.type.params.length} arguments`);
    }
    for (const arg of args) this.push(arg);
    this.code.byte(0x10);
    this.code.unsigned(target.index);
  }

  private enter(opcode: number, body: (label: Label) => void): void {
    this.code.byte(opcode);
    this.code.byte(voidBlock);
    this.depth++;
    body({ depth: this.depth });
    this.depth--;
    this.code.byte(0x0b);
  }

  private push(operand: AnyOperand): void {
    if (typeof operand === "number") {
      this.code.byte(0x41);
      this.code.signed(operand);
    } else if (operand.kind === "displaced") {
      this.push(operand.base);
      if (operand.by === 0) return;
      this.push(operand.by);
      this.code.append(instructions["i32.add"].code);
    } else {
      this.code.byte(0x20);
      this.code.unsigned(operand.local);
    }
  }

  private newLocal<T extends ValueType>(type: T): Value<T> {
    const local = this.type.params.length + this.locals.length;
    this.locals.push(type);
    return { kind: "local", type, local };
  }

  private setLocal({ local }: Value): void {
    this.code.byte(0x21);
    this.code.unsigned(local);
  }

  /** Moves the top of the stack to a local of its own. */
  private keep<T extends ValueType>(type: T): Value<T> {
    const value = this.newLocal(type);
    if (type === "v128") this.turn?.vectors.push(value);
    this.setLocal(value);
    return value;
  }

  private memoryArgument(align: number, offset: number): void {
    this.code.unsigned(align);
    this.code.unsigned(offset);
  }
}
