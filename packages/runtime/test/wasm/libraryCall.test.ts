import { contractLibrary } from "../../src/wasm/contract/index.js";
import { detectEngine, detectFeatures } from "../../src/wasm/engine.js";
import { probeFeatures } from "../../src/wasm/features.js";
import { instantiateLibrary } from "../../src/wasm/kernelLibraries.js";
import {
  bindCalls,
  callOf,
  type LibraryFunction,
  movedBy,
  operandAt,
  wholeKernel,
} from "../../src/wasm/libraryCall.js";
import { chooseEngine } from "../../src/wasm/revectorizer.js";
import { prepareWasmKernel } from "../../src/wasm/prepareWasmKernel.js";
import { WasmArena } from "./wasmArena.js";

function noting(log: number[][]): LibraryFunction<"x" | "y" | "z"> {
  const parameters = ["x", "y", "z"] as const;
  const run = (...args: number[]) => log.push(args.slice());
  return { library: "notes", name: "note", parameters, arity: 3, run };
}

describe("calls as data", () => {
  test("arguments are constants, or addresses plus bytes, in the order of the parameters", () => {
    const log: number[][] = [];
    const note = noting(log);
    const kernel = wholeKernel([
      callOf(note, { z: 7, y: { scratch: 16 }, x: operandAt(1, 4) }),
      callOf(note, { x: 1, y: 2, z: movedBy(operandAt(0), 8) }),
    ]);
    const run = bindCalls(kernel);
    run([100, 200], 1000);
    run([300, 400], 5000);
    expect(log).toEqual([
      [204, 1016, 7],
      [1, 2, 108],
      [404, 5016, 7],
      [1, 2, 308],
    ]);
  });

  test("any kind of argument moves by bytes", () => {
    expect(movedBy(3, 4)).toBe(7);
    expect(movedBy({ scratch: 3 }, 4)).toEqual({ scratch: 7 });
    expect(movedBy({ operand: 2, offset: 3 }, 4)).toEqual({ operand: 2, offset: 7 });
  });
});

describe("libraries", () => {
  test("each is compiled once, when it is first needed", () => {
    const libraries = new WasmArena().libraries();
    expect(libraries.modules()).toEqual([]);
    const once = contractLibrary(libraries, "float32").functions.gemm.run;
    expect(contractLibrary(libraries, "float32").functions.gemm.run).toBe(once);
    expect(libraries.modules().map(({ name }) => name)).toEqual(["contract.float32"]);
  });

  test("their modules can be instantiated again, as threads do", () => {
    const arena = new WasmArena();
    const libraries = arena.libraries();
    const type = { dtype: "float32", shape: [2, 3, 5, 5] } as const;
    const weight = { dtype: "float32", shape: [4, 3, 3, 3] } as const;
    const out = { dtype: "float32", shape: [2, 4, 3, 3] } as const;
    const each = [1, 1];
    const geometry = {
      kernel: [3, 3],
      stride: each,
      dilate: each,
      padLow: [0, 0],
      padHigh: [0, 0],
    };
    const kernel = { kind: "window", form: "convolve", geometry, groups: 1 } as const;
    const prepared = prepareWasmKernel(kernel, [type, weight], [out], libraries);
    expect(prepared?.calls.length).toBeGreaterThan(0);
    const instances = new Map<string, WebAssembly.Instance>();
    for (const library of libraries.modules()) {
      instances.set(library.name, instantiateLibrary(library, arena.memory, instances));
    }
    for (const { target } of prepared?.calls ?? []) {
      expect(typeof instances.get(target.library)?.exports[target.name]).toBe("function");
    }
  });

  test("dtypes that products are not computed in are left to others", () => {
    const libraries = new WasmArena().libraries();
    const kernel = {
      kind: "contract",
      batch: 1,
      m: 2,
      n: 2,
      k: 2,
      transposeA: false,
      transposeB: false,
    } as const;
    const type = { dtype: "float16", shape: [2, 2] } as const;
    expect(prepareWasmKernel(kernel, [type, type], [type], libraries)).toBeUndefined();
    expect(libraries.modules()).toEqual([]);
  });
});

describe("the engine", () => {
  test("has a revectorizer at most where that is asked for and passes its test", () => {
    expect(chooseEngine({})).toEqual({ features: { relaxed: true }, revectorizes: false });
    const [major = 0] = process.versions.node.split(".").map(Number);
    if (major < 24) expect(chooseEngine({ revectorize: true }).revectorizes).toBe(false);
  });

  test("has relaxed SIMD, switched on where that takes a flag", () => {
    expect(detectFeatures()).toEqual({ relaxed: true });
    expect(probeFeatures()).toEqual({ relaxed: true });
  });

  test("revectorizes only where that is asked for, and passes", () => {
    const asked: boolean[] = [];
    const passes = ({ revectorizes }: { readonly revectorizes: boolean }) => {
      asked.push(revectorizes);
      return false;
    };
    const plain = { features: { relaxed: true }, revectorizes: false };
    expect(detectEngine(false, passes)).toEqual(plain);
    expect(asked).toEqual([]);
    expect(detectEngine(true, passes)).toEqual(plain);
    expect(asked.every((wide) => wide)).toBe(true);
  });
});
