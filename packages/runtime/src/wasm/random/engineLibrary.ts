import type { FunctionBuilder, FunctionRef, ModuleBuilder, Value } from "../assembler/index.js";
import type { KernelLibraries } from "../kernelLibraries.js";
import { beginFunction, type Functions, type LibraryDefinition } from "../library/definition.js";

/** Words of an engine. */
const length = 624;
const middle = 397;

/**
 * Where the parts of an engine lie, in bytes: MT19937's state, the position of the next word in it,
 * whether the mark's state is this one, how many words had been given when the state began, the
 * seed; the same of the mark.
 */
export const engineFields = {
  next: 2496,
  clean: 2500,
  base: 2504,
  seed: 2512,
  known: 2520,
  markedNext: 2524,
  markedBase: 2528,
  marked: 2544,
} as const;

export const engineBytes = 5056;

export const engineFunctions = {
  /** Brings an engine to where a random state has engine `index`, and marks the place. */
  seat: ["engine", "state", "index"],
  /** Works out the next 624 words of an engine. */
  twist: ["engine"],
} as const;

export const engineLibraryName = "engines";

const engineDefinition: LibraryDefinition<typeof engineFunctions> = {
  name: engineLibraryName,
  functions: engineFunctions,
  write({ module }) {
    const twist = addTwist(module);
    addSeat(module, twist, addReset(module));
  },
};

/**
 * The Mersenne Twisters behind random states, kept where they last stood: M. Matsumoto, T.
 * Nishimura, Mersenne Twister, ACM TOMACS 8 (1998). Cheap are moves forward, and back to the mark:
 * a backward pass draws a forward pass's samples again.
 */
export function engineLibrary(libraries: KernelLibraries): Functions<typeof engineFunctions> {
  return libraries.load(engineDefinition);
}

/** The authors' `init_genrand`. */
function addReset(module: ModuleBuilder): FunctionRef {
  const { code, of, ref } = beginFunction(module, "reset", ["engine", "seed"], "own");
  const [engine, word] = [of("engine"), code.variable("i32", of("seed"))];
  const at = code.variable("i32", engine);
  code.store("i32.store", at, word);
  const i = code.variable("i32", 1);
  code.countUp(i, length, 1, () => {
    code.increase(at, 4);
    const mixed = code.op("i32.xor", word, code.op("i32.shr_u", word, 30));
    code.assign(word, code.op("i32.add", code.op("i32.mul", mixed, 1812433253), i));
    code.store("i32.store", at, word);
  });
  const { next, clean, base, markedBase } = engineFields;
  code.store("i32.store", engine, length, next);
  code.store("i32.store", engine, 0, clean);
  code.store("i64.store", engine, code.i64(BigInt(-length)), base);
  // No position lies behind this mark.
  code.store("i64.store", engine, code.i64(2n ** 62n), markedBase);
  return ref;
}

function addTwist(module: ModuleBuilder): FunctionRef {
  const { code, of, ref } = beginFunction(module, "twist", engineFunctions.twist);
  const engine = of("engine");
  const { next, clean, base, marked } = engineFields;
  code.if(code.load("i32.load", engine, clean), () => {
    code.copy(code.op("i32.add", engine, marked), engine, 4 * length);
    code.store("i32.store", engine, 0, clean);
  });
  const at = code.variable("i32", engine);
  const wrapped = length - middle;
  vectors(code, at, Math.floor(wrapped / 4), 4 * middle);
  for (let i = 0; i < wrapped % 4; i++) twistWord(code, at, 4, 4 * middle);
  vectors(code, at, (length - 1 - wrapped) / 4, -4 * wrapped);
  twistWord(code, at, -4 * (length - 1), -4 * wrapped);
  code.store("i32.store", engine, 0, next);
  const given = code.op("i64.add", code.load("i64.load", engine, base), code.i64(BigInt(length)));
  code.store("i64.store", engine, given, base);
  return ref;
}

const upper = -0x80000000;
const lower = 0x7fffffff;
const matrix = 0x9908b0df | 0;

/** Twists four words at a time; `other` is the distance in bytes of the words that are mixed in. */
function vectors(code: FunctionBuilder, at: Value<"i32">, count: number, other: number): void {
  const all = (value: number) => code.op("i32x4.splat", code.i32(value));
  const [high, low, one, bits] = [all(upper), all(lower), all(1), all(matrix)];
  code.countUp(code.variable("i32", 0), code.i32(count), 1, () => {
    const mixed = code.op(
      "v128.or",
      code.op("v128.and", code.load("v128.load", at), high),
      code.op("v128.and", code.load("v128.load", at, 4), low),
    );
    const odd = code.op("i32x4.neg", code.op("v128.and", mixed, one));
    const half = code.op("i32x4.shr_u", mixed, 1);
    const from = code.op("i32.add", at, other);
    const turned = code.op("v128.xor", half, code.op("v128.and", odd, bits));
    code.store("v128.store", at, code.op("v128.xor", code.load("v128.load", from), turned));
    code.increase(at, 16);
  });
}

function twistWord(code: FunctionBuilder, at: Value<"i32">, next: number, other: number): void {
  const high = code.op("i32.and", code.load("i32.load", at), upper);
  const following = code.load("i32.load", code.op("i32.add", at, next));
  const mixed = code.op("i32.or", high, code.op("i32.and", following, lower));
  const odd = code.op("i32.sub", 0, code.op("i32.and", mixed, 1));
  const turned = code.op(
    "i32.xor",
    code.op("i32.shr_u", mixed, 1),
    code.op("i32.and", odd, matrix),
  );
  const from = code.load("i32.load", code.op("i32.add", at, other));
  code.store("i32.store", at, code.op("i32.xor", from, turned));
  code.increase(at, 4);
}

function addSeat(module: ModuleBuilder, twist: FunctionRef, reset: FunctionRef): void {
  const { code, of } = beginFunction(module, "seat", engineFunctions.seat);
  const [engine, index] = [of("engine"), of("index")];
  const fields = engineFields;
  const long = (field: number) => code.load("i64.load", engine, field);
  const short = (field: number) => code.load("i32.load", engine, field);
  const seed = code.op("i64.trunc_sat_f64_s", code.load("f64.load", of("state")));
  const counted = code.op("i32.add", of("state"), code.op("i32.shl", index, 3));
  const position = code.op("i64.trunc_sat_f64_s", code.load("f64.load", counted, 8));
  const restart = () => {
    const scaled = code.op("i32.mul", code.op("i32.wrap_i64", seed), 127);
    // The engine of sequences starts as the first one.
    code.call(reset, engine, code.op("i32.add", scaled, code.op("i32.and", index, 1023)));
    code.store("i64.store", engine, seed, fields.seed);
    code.store("i32.store", engine, 1, fields.known);
  };
  const given = (base: number, next: number) =>
    code.op("i64.add", long(base), code.op("i64.extend_i32_u", short(next)));
  const strange = code.op("i64.ne", long(fields.seed), seed);
  code.if(code.op("i32.or", code.op("i32.eqz", short(fields.known)), strange), restart);
  code.if(code.op("i64.gt_s", given(fields.base, fields.next), position), () => {
    const marked = given(fields.markedBase, fields.markedNext);
    code.if(
      code.op("i64.le_s", marked, position),
      () => {
        code.if(code.op("i32.eqz", short(fields.clean)), () => {
          code.copy(engine, code.op("i32.add", engine, fields.marked), 4 * length);
        });
        code.store("i64.store", engine, long(fields.markedBase), fields.base);
      },
      restart,
    );
  });
  // A new mark is set at the end: the old one's state need not be kept.
  code.store("i32.store", engine, 0, fields.clean);
  const end = () => code.op("i64.add", long(fields.base), code.i64(BigInt(length)));
  code.block((there) => {
    code.loop((again) => {
      code.branchIf(code.op("i64.le_s", position, end()), there);
      code.call(twist, engine);
      code.branch(again);
    });
  });
  const next = code.op("i32.wrap_i64", code.op("i64.sub", position, long(fields.base)));
  code.store("i32.store", engine, next, fields.next);
  code.store("i32.store", engine, next, fields.markedNext);
  code.store("i64.store", engine, long(fields.base), fields.markedBase);
  code.store("i32.store", engine, 1, fields.clean);
}
