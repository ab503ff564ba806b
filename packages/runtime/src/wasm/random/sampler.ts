import type { BinaryFunction, UnaryFunction } from "@adjoint/graph";
import type { FunctionBuilder, FunctionRef, ModuleBuilder, Value } from "../assembler/index.js";
import type { LibraryContext } from "../library/definition.js";
import type { MathContext } from "../math/mathContext.js";
import { OutOfLine } from "../math/outOfLine.js";
import { emitBinary, emitUnary } from "../math/vectorMath.js";
import { engineFields } from "./engineLibrary.js";
import { emitLogOfDouble, emitLogOfFloat } from "./logarithms.js";

export type Double = Value<"f64">;

/** The precision that samples are drawn in: each step is rounded to float32, or not. */
export type Precision = "single" | "double";

/**
 * What samplers are written in: arithmetic in doubles, and the words of an engine. One for each
 * module; `at` gives the same for the code of one function.
 */
export class SamplerModule {
  private readonly outOfLine: OutOfLine;
  private readonly word: FunctionRef;
  private readonly functions = new Map<string, FunctionRef>();

  constructor(
    private readonly context: LibraryContext,
    twist: FunctionRef,
  ) {
    this.outOfLine = new OutOfLine(context.module);
    this.word = addWord(context.module, twist);
  }

  at(code: FunctionBuilder, engine: Value<"i32">): Sampler {
    const { constants, engine: host } = this.context;
    const { outOfLine } = this;
    const math = { code, constants, features: host.features, outOfLine };
    return new Sampler(this, this.word, math, engine);
  }

  /** A function of the module that draws with some numbers, written when it is first asked for. */
  drawing(
    name: string,
    numbers: number,
    write: (sampler: Sampler, ...numbers: Double[]) => void,
  ): FunctionRef {
    const known = this.functions.get(name);
    if (known !== undefined) return known;
    const params = ["i32" as const, ...Array<"f64">(numbers).fill("f64")];
    const code = this.context.module.helper(name, { params, results: ["f64"] });
    this.functions.set(name, code);
    const arguments_ = Array.from({ length: numbers }, (_, i) => code.param(1 + i, "f64"));
    write(this.at(code, code.param(0, "i32")), ...arguments_);
    return code;
  }
}

/** The next word of an engine, tempered. */
function addWord(module: ModuleBuilder, twist: FunctionRef): FunctionRef {
  const code = module.helper("word", { params: ["i32"], results: ["i32"] });
  const engine = code.param(0, "i32");
  const next = code.variable("i32", code.load("i32.load", engine, engineFields.next));
  code.if(code.op("i32.eq", next, 624), () => {
    code.call(twist, engine);
    code.assign(next, 0);
  });
  const at = code.op("i32.add", engine, code.op("i32.shl", next, 2));
  const word = code.variable("i32", code.load("i32.load", at));
  code.store("i32.store", engine, code.op("i32.add", next, 1), engineFields.next);
  const mix = (x: Value<"i32">) => code.assign(word, code.op("i32.xor", word, x));
  mix(code.op("i32.shr_u", word, 11));
  mix(code.op("i32.and", code.op("i32.shl", word, 7), 0x9d2c5680 | 0));
  mix(code.op("i32.and", code.op("i32.shl", word, 15), 0xefc60000 | 0));
  mix(code.op("i32.shr_u", word, 18));
  code.return(word);
  return code;
}

/** Arithmetic and words within one function. */
export class Sampler {
  constructor(
    readonly module: SamplerModule,
    private readonly nextWord: FunctionRef,
    private readonly math: MathContext,
    readonly engine: Value<"i32">,
  ) {}

  get code(): FunctionBuilder {
    return this.math.code;
  }

  number(value: number): Double {
    return this.code.f64(value);
  }

  private term(value: Double | number): Double {
    return typeof value === "number" ? this.number(value) : value;
  }

  add(a: Double | number, b: Double | number): Double {
    return this.code.op("f64.add", this.term(a), this.term(b));
  }

  subtract(a: Double | number, b: Double | number): Double {
    return this.code.op("f64.sub", this.term(a), this.term(b));
  }

  multiply(a: Double | number, b: Double | number): Double {
    return this.code.op("f64.mul", this.term(a), this.term(b));
  }

  divide(a: Double | number, b: Double | number): Double {
    return this.code.op("f64.div", this.term(a), this.term(b));
  }

  squareRoot(x: Double): Double {
    return this.code.op("f64.sqrt", x);
  }

  less(a: Double | number, b: Double | number): Value<"i32"> {
    return this.code.op("f64.lt", this.term(a), this.term(b));
  }

  not(condition: Value<"i32">): Value<"i32"> {
    return this.code.op("i32.eqz", condition);
  }

  /** The nearest float32, in single precision. */
  round(x: Double, precision: Precision): Double {
    if (precision === "double") return x;
    return this.code.op("f64.promote_f32", this.code.op("f32.demote_f64", x));
  }

  unary(fn: UnaryFunction, x: Double): Double {
    const lanes = emitUnary(this.math, fn, "f64x2", this.code.op("f64x2.splat", x));
    return this.code.lane("f64x2.extract_lane", 0, lanes);
  }

  binary(fn: BinaryFunction, a: Double, b: Double): Double {
    const [x, y] = [this.code.op("f64x2.splat", a), this.code.op("f64x2.splat", b)];
    return this.code.lane("f64x2.extract_lane", 0, emitBinary(this.math, fn, "f64x2", x, y));
  }

  /** Natural logarithm of a positive number of a precision that is not subnormal. */
  log(x: Double, precision: Precision): Double {
    return precision === "double" ? emitLogOfDouble(this.math, x) : emitLogOfFloat(this.math, x);
  }

  /** 32 random bits. */
  word(): Value<"i32"> {
    return this.code.callFor(this.nextWord, "i32", this.engine);
  }

  /** In [0, 1): one word as a float32, or two words, the first of which is the lower half. */
  unit(precision: Precision): Double {
    const { code } = this;
    if (precision === "single") {
      const single = code.op("f64.promote_f32", code.op("f32.convert_i32_u", this.word()));
      return code.op("f64.min", this.multiply(single, 2 ** -32), this.number(1 - 2 ** -24));
    }
    const low = code.op("i64.extend_i32_u", this.word());
    const high = code.op("i64.shl", code.op("i64.extend_i32_u", this.word()), code.i64(32n));
    const whole = code.op("f64.convert_i64_u", code.op("i64.or", high, low));
    return code.op("f64.min", this.multiply(whole, 2 ** -64), this.number(1 - 2 ** -53));
  }

  /** Draws by a function of the module. */
  draw(
    name: string,
    write: (sampler: Sampler, ...numbers: Double[]) => void,
    ...numbers: readonly Double[]
  ): Double {
    const target = this.module.drawing(name, numbers.length, write);
    return this.code.callFor(target, "f64", this.engine, ...numbers);
  }

  /** Runs `body` until it returns from the function. */
  forever(body: (again: () => void) => void): void {
    const { code } = this;
    code.loop((start) => {
      body(() => code.branch(start));
      code.branch(start);
    });
    // The loop is only left by returning, which the engine's validation can't see.
    code.trap();
  }
}
