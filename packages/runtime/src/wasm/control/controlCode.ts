import {
  type AnyOperand,
  displaced,
  type FunctionBuilder,
  type Value,
} from "../assembler/index.js";
import { slots } from "../plan/planCall.js";
import {
  type BodyFrame,
  type ControlPlace,
  type ControlProgram,
  ownOperands,
  type Predicate,
  scratchSlot,
} from "./controlProgram.js";

/** How the code of a step reaches its bodies and the other threads. */
export interface BodyRunner {
  /** Whether this thread does what only one does. */
  readonly isFirst: boolean;
  /** Emits a call of a body; `table` is the address of its table. */
  run(body: number, table: AnyOperand): void;
  /** Emits waiting for the other threads, if there are others. */
  barrier(): void;
}

/** What loops and branches are written with. */
export class ControlCode {
  private readonly workspace: Value<"i32">;
  private readonly constants: Value<"i32">;
  private readonly scratch: Value<"i32">;

  constructor(
    readonly code: FunctionBuilder,
    program: ControlProgram,
    readonly threads: BodyRunner,
  ) {
    const own = ownOperands(program);
    this.workspace = code.param(own.workspace, "i32");
    this.constants = code.param(own.constants, "i32");
    this.scratch = code.param(own.scratch, "i32");
  }

  operand(position: number): Value<"i32"> {
    return this.code.param(position, "i32");
  }

  inWorkspace(offset: number) {
    return displaced(this.workspace, offset);
  }

  /** Writes what never changes: bodies share the start of the workspace and of scratch memory. */
  fillFrame(frame: BodyFrame): void {
    this.setWord(frame, slots.arena, this.workspace);
    this.setWord(frame, slots.constants, displaced(this.constants, frame.constants));
    this.setWord(frame, scratchSlot(frame), this.scratch);
  }

  /** Gives a body operands of the step, from an input on. */
  setInputs(frame: BodyFrame, first: number, operands: readonly number[]): void {
    operands.forEach((operand, position) => {
      this.setInput(frame, first + position, this.operand(operand));
    });
  }

  setInput(frame: BodyFrame, input: number, address: I32): void {
    this.setWord(frame, slots.firstInput + input, address);
  }

  setResult(frame: BodyFrame, result: number, address: I32): void {
    this.setWord(frame, slots.firstInput + frame.inputs + result, address);
  }

  setWord(frame: BodyFrame, slot: number, address: I32): void {
    this.code.store("i32.store", this.scratch, address, frame.offset + 4 * slot);
  }

  run(frame: BodyFrame, body: number): void {
    this.threads.run(body, displaced(this.scratch, frame.offset));
  }

  /** Not zero where the predicate's element is not zero; NaN is not. */
  holds({ place, dtype }: Predicate): Value<"i32"> {
    const { code } = this;
    const address = this.addressOf(place);
    switch (dtype) {
      case "bool":
      case "int8":
      case "uint8":
        return code.load("i32.load8_u", address);
      case "int32":
        return code.load("i32.load", address);
      // All bits but the sign.
      case "float32":
        return code.op("i32.shl", code.load("i32.load", address), 1);
      case "float16":
        return code.op("i32.shl", code.load("i32.load16_u", address), 17);
      case "int64":
        return code.op("i32.or", code.load("i32.load", address), code.load("i32.load", address, 4));
      case "float64": {
        const upper = code.op("i32.shl", code.load("i32.load", address, 4), 1);
        return code.op("i32.or", code.load("i32.load", address), upper);
      }
      default:
        return dtype satisfies never;
    }
  }

  addressOf(place: ControlPlace): I32 {
    return "operand" in place ? this.operand(place.operand) : this.inWorkspace(place.workspace);
  }
}

type I32 = Parameters<FunctionBuilder["clear"]>[0];
