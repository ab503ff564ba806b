import type { FunctionBuilder, Value } from "../assembler/index.js";
import type { ControlCode } from "./controlCode.js";
import { type LoopProgram, type LoopState, loopBodies, sumSlots } from "./controlProgram.js";

/** Writes a loop. States alternate between their results and a buffer each. */
export function emitLoop(control: ControlCode, loop: LoopProgram): void {
  new LoopEmitter(control, loop).emit();
}

class LoopEmitter {
  private readonly code: FunctionBuilder;
  /** Addresses of the states as they are. */
  private readonly current: readonly Value<"i32">[];
  private readonly step: Value<"i32">;
  private readonly count: Value<"i32">;
  /** Whether the next states go to the results of the loop. */
  private readonly direct: Value<"i32">;

  constructor(
    private readonly control: ControlCode,
    private readonly loop: LoopProgram,
  ) {
    const { code } = control;
    this.code = code;
    this.step = code.variable("i32", 0);
    this.count = code.variable("i32", loop.length);
    this.direct = code.variable("i32", 1);
    this.current = loop.states.map(({ first }) => code.variable("i32", control.operand(first)));
  }

  emit(): void {
    const { code, loop, step, count } = this;
    this.begin();
    code.block((done) => {
      code.loop((again) => {
        code.branchIf(code.op("i32.ge_s", step, count), done);
        this.branchUnlessHolds(done);
        this.iterate();
        code.increase(step, 1);
        code.branch(again);
      });
    });
    if (this.control.threads.isFirst) this.finish();
    if (loop.sums.length > 0 && this.control.threads.isFirst) {
      this.control.run(loop.body, loopBodies.finish);
    }
    this.control.threads.barrier();
  }

  private begin(): void {
    const { code, control, loop, count } = this;
    const { body, condition, sums } = loop;
    control.fillFrame(body);
    control.setInputs(body, loop.states.length + loop.slices.length, loop.captured);
    if (condition !== undefined) {
      const { frame, predicate } = condition;
      control.fillFrame(frame);
      control.setInputs(frame, loop.states.length, loop.asked);
      control.setResult(frame, 0, control.addressOf(predicate.place));
    }
    if (loop.count !== undefined) {
      const given = code.load("i32.load", control.operand(loop.count));
      code.assign(count, code.select(code.op("i32.lt_s", given, count), given, count));
    }
    // The last of a known number of iterations leaves the states where they shall be.
    if (condition === undefined) code.assign(this.direct, code.op("i32.and", count, 1));
    sums.forEach(({ result, out, addend, total, totalBytes }, position) => {
      const words = sumSlots(body, position);
      control.setResult(body, result, control.inWorkspace(addend));
      control.setWord(body, words.total, control.inWorkspace(total));
      control.setWord(body, words.out, control.operand(out));
      if (control.threads.isFirst) code.clear(control.inWorkspace(total), totalBytes);
    });
    if (sums.length > 0) control.threads.barrier();
  }

  private branchUnlessHolds(done: Parameters<FunctionBuilder["branch"]>[0]): void {
    const { code, control, loop } = this;
    const { condition } = loop;
    if (condition === undefined) return;
    this.current.forEach((state, input) => {
      control.setInput(condition.frame, input, state);
    });
    control.run(condition.frame, loopBodies.condition);
    code.branchIf(code.op("i32.eqz", control.holds(condition.predicate)), done);
  }

  private iterate(): void {
    const { code, control, loop } = this;
    const { body, states, slices, stacked } = loop;
    const row = this.row();
    const rowOf = (operand: number, bytes: number) =>
      code.op("i32.add", control.operand(operand), code.op("i32.mul", row, bytes));
    const next = states.map((state, position) => {
      const current = this.currentOf(position);
      control.setInput(body, position, current);
      if (state.history !== undefined && control.threads.isFirst) {
        code.copy(rowOf(state.history, state.bytes), current, state.bytes);
      }
      const address = this.nextPlace(state);
      control.setResult(body, position, address);
      return address;
    });
    slices.forEach(({ operand, bytes }, slice) => {
      control.setInput(body, states.length + slice, rowOf(operand, bytes));
    });
    stacked.forEach(({ operand, bytes }, result) => {
      control.setResult(body, states.length + result, rowOf(operand, bytes));
    });
    control.run(body, loopBodies.body);
    next.forEach((address, position) => {
      code.assign(this.currentOf(position), address);
    });
    code.assign(this.direct, code.op("i32.eqz", this.direct));
  }

  private row(): Value<"i32"> {
    const { code, step, count } = this;
    if (!this.loop.reverse) return step;
    return code.op("i32.sub", code.op("i32.sub", count, step), 1);
  }

  private nextPlace({ last, buffer }: LoopState): Value<"i32"> {
    const { code, control } = this;
    const other = code.variable("i32", control.inWorkspace(buffer));
    return code.select(this.direct, control.operand(last), other);
  }

  /** Brings the states to their place; rows of iterations that did not run become zero. */
  private finish(): void {
    const { code, control, loop, step } = this;
    loop.states.forEach(({ last, bytes }, position) => {
      const current = this.currentOf(position);
      code.if(code.op("i32.ne", current, control.operand(last)), () => {
        code.copy(control.operand(last), current, bytes);
      });
    });
    if (loop.counted !== undefined) {
      code.store("i32.store", control.operand(loop.counted), step);
    }
    if (loop.count === undefined && loop.condition === undefined) return;
    const histories = loop.states.flatMap(({ history, bytes }) =>
      history === undefined ? [] : [{ operand: history, bytes }],
    );
    const left = code.op("i32.sub", loop.length, step);
    for (const { operand, bytes } of [...loop.stacked, ...histories]) {
      const from = code.op("i32.add", control.operand(operand), code.op("i32.mul", step, bytes));
      code.clear(from, code.op("i32.mul", left, bytes));
    }
  }

  private currentOf(state: number): Value<"i32"> {
    const address = this.current[state];
    if (address === undefined) throw new RangeError(`no state ${state}`);
    return address;
  }
}
