import { ModuleBuilder } from "../../src/wasm/assembler/moduleBuilder.js";
import {
  type InstructionName,
  instructions,
  laneInstructions,
  laneLoads,
  laneStores,
  loads,
  stores,
} from "../../src/wasm/assembler/instructions.js";
import type { FunctionBuilder } from "../../src/wasm/assembler/functionBuilder.js";
import { displaced } from "../../src/wasm/assembler/value.js";
import { probeFeatures } from "../../src/wasm/features.js";

const memoryType = { initial: 1, maximum: 1, shared: false };

function namesOf<T extends object>(table: T): (keyof T & string)[] {
  const names: (keyof T & string)[] = [];
  for (const name in table) names.push(name);
  return names;
}

function validates(write: (code: FunctionBuilder) => void): boolean {
  const module = new ModuleBuilder(memoryType);
  write(module.function("f", { params: ["i32", "i64", "f32", "f64", "v128"], results: [] }));
  return WebAssembly.validate(module.bytes());
}

function instantiate(module: ModuleBuilder) {
  const memory = new WebAssembly.Memory(memoryType);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module.bytes()), {
    env: { memory },
  });
  return { memory, exports };
}

function callable(value: WebAssembly.ExportValue | undefined) {
  if (typeof value !== "function") throw new TypeError("no function");
  return value;
}

describe("instructions", () => {
  const position = { i32: 0, i64: 1, f32: 2, f64: 3, v128: 4 } as const;
  const relaxed = probeFeatures().relaxed;

  test.each(namesOf(instructions))(
    "%s has the code and the types that the engine knows",
    (name) => {
      if (name.includes("relaxed") && !relaxed) return;
      const accepted = validates((code) => {
        const { operands } = instructions[name];
        // The table's own types choose the operands, so that a wrong entry fails to validate.
        const give = (type: keyof typeof position) => code.param(position[type], type);
        Reflect.apply(code.op, code, [name satisfies InstructionName, ...operands.map(give)]);
      });
      expect(accepted).toBe(true);
    },
  );

  test.each(namesOf(loads))("%s loads", (name) => {
    expect(validates((code) => code.load(name, code.param(0, "i32"), 8))).toBe(true);
  });

  test.each(namesOf(stores))("%s stores what its type says", (name) => {
    const accepted = validates((code) => {
      const type = stores[name].type;
      Reflect.apply(code.store, code, [name, 0, code.param(position[type], type), 8]);
    });
    expect(accepted).toBe(true);
  });

  test.each(namesOf(laneLoads))("%s loads into the last lane that it has", (name) => {
    const accepted = (lane: number) =>
      validates((code) => code.loadLane(name, lane, 0, code.param(4, "v128"), 8));
    const last = 16 / 2 ** laneLoads[name].align - 1;
    expect([accepted(last), accepted(last + 1)]).toEqual([true, false]);
  });

  test.each(namesOf(laneStores))("%s stores the last lane that it has", (name) => {
    const accepted = (lane: number) =>
      validates((code) => code.storeLane(name, lane, 0, code.param(4, "v128"), 8));
    const last = 16 / 2 ** laneStores[name].align - 1;
    expect([accepted(last), accepted(last + 1)]).toEqual([true, false]);
  });

  test.each(namesOf(laneInstructions))("%s works on a lane", (name) => {
    const accepted = validates((code) => {
      const give = (type: keyof typeof position) => code.param(position[type], type);
      const { operands } = laneInstructions[name];
      Reflect.apply(code.lane, code, [name, 1, ...operands.map(give)]);
    });
    expect(accepted).toBe(true);
  });
});

describe("functions", () => {
  test("a loop with variables, displaced addresses and constants of any size computes", () => {
    const module = new ModuleBuilder(memoryType);
    const code = module.function("sum", { params: ["i32", "i32"], results: ["f32"] });
    const [from, count] = [code.param(0, "i32"), code.param(1, "i32")];
    const total = code.variable("f32", code.f32(0.5));
    const address = code.variable("i32", displaced(from, 4));
    code.countUp(code.variable("i32", 0), count, 1, () => {
      code.assign(total, code.op("f32.add", total, code.load("f32.load", address)));
      code.increase(address, 4);
    });
    code.return(total);
    const constants = module.function("constants", { params: [], results: ["i32"] });
    const large = constants.op("i32.xor", -2147483648, 1234567890);
    constants.return(
      constants.op("i32.xor", large, constants.op("i32.wrap_i64", constants.i64(-129n))),
    );
    const { memory, exports } = instantiate(module);
    new Float32Array(memory.buffer).set([9, 1, 2, 3, 4]);
    expect(callable(exports.sum)(0, 4)).toBe(10.5);
    expect(callable(exports.sum)(0, 0)).toBe(0.5);
    expect(callable(exports.constants)()).toBe(-2147483648 ^ 1234567890 ^ -129);
  });

  test("blocks are left and branches chosen by their labels", () => {
    const module = new ModuleBuilder(memoryType);
    const helper = module.helper("twice", { params: ["i32"], results: ["i32"] });
    helper.return(helper.op("i32.shl", helper.param(0, "i32"), 1));
    const code = module.function("choose", { params: ["i32"], results: ["i32"] });
    const x = code.param(0, "i32");
    const result = code.variable("i32", 7);
    code.block((outer) => {
      code.block((inner) => {
        code.branchIf(code.op("i32.eqz", x), outer);
        code.if(code.op("i32.gt_s", x, 100), () => code.branch(inner));
        code.assign(result, code.callFor(helper, "i32", x));
        code.branch(outer);
      });
      code.assign(result, -1);
    });
    code.return(result);
    const { exports } = instantiate(module);
    expect([0, 5, 101].map((value) => callable(exports.choose)(value))).toEqual([7, 10, -1]);
    expect(Object.keys(exports)).toEqual(["choose"]);
  });

  test("imports share the numbering of functions", () => {
    const module = new ModuleBuilder(memoryType);
    const add = module.import("add", { params: ["i32", "i32"], results: ["i32"] });
    const code = module.function("f", { params: [], results: ["i32"] });
    code.return(code.callFor(add, "i32", 40, 2));
    expect(() => module.import("late", { params: [], results: [] })).toThrow("after a function");
    const memory = new WebAssembly.Memory(memoryType);
    const env = { memory, add: (a: number, b: number) => a + b };
    const instance = new WebAssembly.Instance(new WebAssembly.Module(module.bytes()), { env });
    expect(callable(instance.exports.f)()).toBe(42);
  });
});

test("constants are loaded once in a separate turn, and what a branch loads is not there behind it", () => {
  const module = new ModuleBuilder(memoryType);
  const code = module.function("f", { params: ["i32"], results: ["i32"] });
  const sum = code.variable("v128");
  const seven = 16;
  const add = () => code.assign(sum, code.op("i32x4.add", sum, code.constant(32, seven)));
  code.countUp(code.variable("i32", 0), 2, 1, () =>
    code.separateTurn(() => {
      code.if(code.param(0, "i32"), add);
      add();
      add();
    }),
  );
  code.return(code.lane("i32x4.extract_lane", 3, sum));
  const { memory, exports } = instantiate(module);
  new Int32Array(memory.buffer, seven, 1).fill(7);
  expect([0, 1].map((branch) => callable(exports.f)(branch))).toEqual([28, 42]);
});
