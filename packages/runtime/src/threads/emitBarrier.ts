import type { FunctionBuilder, FunctionRef, ModuleBuilder } from "../wasm/assembler/index.js";
import { controlWords, spinTurns } from "./controlBlock.js";

const at = (word: keyof typeof controlWords) => controlWords[word] * 4;

/** Nanoseconds after which a sleeping thread looks again, whatever happens. */
const longestSleep = 1_000_000n;

/**
 * A function with one parameter, the address of the control block, which returns when `threads`
 * threads have called it: the last one begins the next phase, the others turn a while and then
 * sleep.
 */
export function emitBarrier(
  module: ModuleBuilder,
  threads: number,
  maySleep: boolean,
): FunctionRef {
  const name = maySleep ? "barrier" : "turningBarrier";
  const code = module.helper(name, { params: ["i32"], results: [] });
  const block = code.param(0, "i32");
  const phase = code.atomic("i32.atomic.load", block, at("phase"));
  const before = code.atomic("i32.atomic.rmw.add", block, at("arrived"), 1);
  code.if(
    code.op("i32.eq", before, threads - 1),
    () => {
      code.atomic("i32.atomic.rmw.xchg", block, at("arrived"), 0);
      code.atomic("i32.atomic.rmw.add", block, at("phase"), 1);
      const waiting = code.atomic("i32.atomic.load", block, at("waiting"));
      code.if(waiting, () => {
        code.atomic("memory.atomic.notify", block, at("phase"), -1);
      });
    },
    () => waitFor(code, phase, maySleep),
  );
  return code;
}

function waitFor(
  code: FunctionBuilder,
  phase: ReturnType<FunctionBuilder["i32"]>,
  maySleep: boolean,
): void {
  const block = code.param(0, "i32");
  const turns = code.variable("i32", 0);
  code.block((done) => {
    code.loop((again) => {
      const now = code.atomic("i32.atomic.load", block, at("phase"));
      code.branchIf(code.op("i32.ne", now, phase), done);
      if (maySleep) {
        code.increase(turns, 1);
        code.if(code.op("i32.gt_u", turns, spinTurns.barrier), () => {
          code.atomic("i32.atomic.rmw.add", block, at("waiting"), 1);
          code.atomic("memory.atomic.wait32", block, at("phase"), phase, code.i64(longestSleep));
          code.atomic("i32.atomic.rmw.add", block, at("waiting"), -1);
        });
      }
      code.branch(again);
    });
  });
}
