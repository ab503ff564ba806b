import { Builder } from "@adjoint/graph";
import fc from "fast-check";
import { createTensor, plan, Runtime, type Tensor, tensorOf, toNumbers } from "../../src/index.js";
import { add, apply, neg, testRegistry } from "../testOps.js";
import { randomPrograms } from "./randomPrograms.js";
import { expectSame } from "./wasmArena.js";

const options = { maximumBytes: 2 ** 26 };
const runtime = new Runtime({ ...options, mode: "compiled" });
const copied = (tensors: readonly Tensor[]) =>
  tensors.map(({ type, data }) => createTensor(type, data.slice()));

describe("compiled programs give the interpreter's bits", () => {
  for (const keep of ["outputs", "all"] as const) {
    test(`random programs, keeping ${keep}`, () => {
      fc.assert(
        fc.property(randomPrograms, ({ graph, registry, inputs }) => {
          const wanted = plan(graph, registry, { keep }).run(inputs);
          const got = runtime.plan(graph, registry, { keep }).run(inputs);
          expect(got.map(({ type }) => type)).toEqual(wanted.map(({ type }) => type));
          expectSame(copied(got), wanted);
        }),
        { numRuns: 150 },
      );
    });
  }

  test("a second run overwrites nothing of the first", () => {
    fc.assert(
      fc.property(randomPrograms, ({ graph, registry, inputs }) => {
        const compiled = runtime.plan(graph, registry);
        const first = compiled.run(inputs);
        const before = copied(first);
        compiled.run(inputs.map(({ type }) => createTensor(type)));
        expectSame(copied(first), before);
      }),
      { numRuns: 40 },
    );
  });
});

/** y = -(x + x) */
function sample() {
  const builder = new Builder("sample");
  const x = builder.input("x", { dtype: "float32", shape: [3] });
  builder.output("y", apply(neg, apply(add, x, x)));
  return builder.finish();
}

test("arguments in the heap are read where they are, others are copied", () => {
  const compiled = runtime.plan(sample(), testRegistry);
  const x = tensorOf([1, 2, 3], "float32");
  const [y] = compiled.run([x]);
  const [z] = compiled.run([runtime.heap.place(x)]);
  expect([y, z].map((one) => one && toNumbers(one))).toEqual([
    [-2, -4, -6],
    [-2, -4, -6],
  ]);
});

test("temporaries are given back: runs leave only their results in the heap", () => {
  const own = new Runtime({ ...options, mode: "compiled" });
  const compiled = own.plan(sample(), testRegistry);
  const x = own.heap.place(tensorOf([1, 2, 3], "float32"));
  compiled.run([x]);
  const { arenas, residentBytes } = own.heap.statistics;
  for (let run = 0; run < 10; run++) compiled.run([x]);
  expect(own.heap.statistics.arenas - arenas).toBe(10);
  expect(own.heap.statistics.residentBytes - residentBytes).toBe(640);
});

test("a plan that is released gives its constants back, and takes them again when it runs", () => {
  const own = new Runtime({ ...options, mode: "compiled" });
  const builder = new Builder("shifted");
  const type = { dtype: "float32", shape: [3] } as const;
  const shift = builder.constant(Float32Array.of(10, 20, 30), type);
  builder.output("y", apply(add, builder.input("x", type), shift));
  const compiled = own.plan(builder.finish(), testRegistry);
  const x = own.heap.place(tensorOf([1, 2, 3], "float32"));
  const held = () => own.heap.statistics.residentBytes;
  const before = held();
  const runs = Array.from({ length: 3 }, () => {
    const [y] = compiled.run([x]);
    const numbers = y && toNumbers(y);
    const bytes = held();
    compiled.release();
    return { numbers, given: bytes - held() };
  });
  expect(runs).toEqual(Array.from({ length: 3 }, () => ({ numbers: [11, 22, 33], given: 64 })));
  // Results stay with whoever holds them.
  expect(held() - before).toBe(3 * 64);
});

test("results and arguments survive being moved out of the heap between runs", () => {
  const own = new Runtime({ ...options, mode: "compiled", budget: 4096 });
  const compiled = own.plan(sample(), testRegistry);
  let x: Tensor | undefined = own.heap.place(tensorOf([1, 0, -1], "float32"));
  const kept: Tensor[] = [];
  for (let run = 0; run < 40 && x !== undefined; run++) {
    kept.push(x);
    [x] = compiled.run([x]);
  }
  expect(own.heap.statistics.spills).toBeGreaterThan(0);
  expect(kept.map((one) => toNumbers(one)[0])).toEqual(kept.map((_, run) => (-2) ** run));
});

test("an input of another type is refused by name", () => {
  const compiled = runtime.plan(sample(), testRegistry);
  const wrong = runtime.heap.place(tensorOf([1, 2], "float32"));
  expect(() => compiled.run([wrong])).toThrow("sample: input x does not fit");
  expect(() => compiled.run([])).toThrow("wrong number of inputs");
});

test("a program is interpreted until runs have cost what compiling costs", () => {
  const tiered = new Runtime(options);
  const compiled = tiered.plan(sample(), testRegistry);
  const x = tensorOf([1, 2, 3], "float32");
  const compiledAfter = Array.from({ length: 400 }, () => {
    const [y] = compiled.run([x]);
    expect(y && toNumbers(y)).toEqual([-2, -4, -6]);
    return tiered.compiledPlans;
  });
  expect(compiledAfter.indexOf(1)).toBeGreaterThan(10);
  expect(compiledAfter.at(-1)).toBe(1);
});

describe("memory that is taken over", () => {
  const length = 2000;
  /** y = w - (w + g), where w may be given away. */
  function update() {
    const builder = new Builder("update");
    const type = { dtype: "float32", shape: [length] } as const;
    const [w, g] = [builder.input("w", type), builder.input("g", type)];
    builder.output("y", apply(add, apply(neg, apply(add, w, g)), w));
    return builder.finish();
  }
  const donate = [{ input: 0, output: 0 }];
  const ones = () =>
    runtime.heap.place(createTensor({ dtype: "float32", shape: [length] }, Array(length).fill(1)));

  test("a result is written over an argument that is given away", () => {
    const compiled = runtime.plan(update(), testRegistry, { donate });
    const [w, g] = [ones(), ones()];
    const [y] = compiled.run([w, g]);
    expect(y).toMatchObject({ arena: w.arena });
    expect(y && toNumbers(y)).toEqual(Array(length).fill(-1));
    expect(toNumbers(g)).toEqual(Array(length).fill(1));
  });

  test("an argument given away that is another argument too is copied first", () => {
    const compiled = runtime.plan(update(), testRegistry, { donate });
    const w = ones();
    const [y] = compiled.run([w, w]);
    expect(y && toNumbers(y)).toEqual(Array(length).fill(-1));
    expect(toNumbers(w)).toEqual(Array(length).fill(1));
  });

  test("without donation the argument keeps its numbers", () => {
    const [w, g] = [ones(), ones()];
    runtime.plan(update(), testRegistry).run([w, g]);
    expect(toNumbers(w)).toEqual(Array(length).fill(1));
  });
});

test("a mode holds for plans that are there already, but for compiled ones", () => {
  const changing = new Runtime({ ...options, mode: "interpreted" });
  const [x] = [tensorOf([1, 2, 3], "float32")];
  const compiled = changing.plan(sample(), testRegistry);
  for (let run = 0; run < 400; run++) compiled.run([x]);
  expect(changing.compiledPlans).toBe(0);
  expect(changing.heapStatistics).toBeUndefined();
  changing.mode = "compiled";
  expect(compiled.run([x]).map(toNumbers)).toEqual([[-2, -4, -6]]);
  expect(changing.compiledPlans).toBe(1);
});

test("a plan that may reuse its results takes no memory once it has run", () => {
  const compiled = runtime.plan(sample(), testRegistry, { reuse: true });
  const first = compiled.run([tensorOf([1, 2, 3], "float32")]);
  const { arenas, residentBytes } = runtime.heap.statistics;
  const second = compiled.run([tensorOf([4, 5, 6], "float32")]);
  expect(runtime.heap.statistics).toMatchObject({ arenas, residentBytes });
  expect([first, second].map(([y]) => y && toNumbers(y))).toEqual([
    [-8, -10, -12],
    [-8, -10, -12],
  ]);
});

test("a plan that reuses its results runs on after the heap has moved them out", () => {
  const compiled = runtime.plan(sample(), testRegistry, { reuse: true });
  const inputs = [runtime.heap.place(tensorOf([1, 2, 3], "float32"))];
  const before = copied(compiled.run(inputs));
  runtime.heap.spill();
  for (let run = 0; run < 3; run++) expectSame(copied(compiled.run(inputs)), before);
});
