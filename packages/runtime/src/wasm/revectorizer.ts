import { contractLibrary } from "./contract/contractModule.js";
import { detectEngine, type Engine } from "./engine.js";
import { KernelLibraries } from "./kernelLibraries.js";
import { bindCalls, callOf, operandAt, wholeKernel } from "./libraryCall.js";

const pages = 16;
const memoryType = { initial: pages, maximum: pages, shared: false };

/** Rows, columns and steps of the product that is tried, one part of which is no whole tile. */
const [m, n, k] = [99, 164, 128];
const resultBytes = m * n * 4;
const operands = [1 << 17, 2 << 17, 3 << 17];
const scratch = 4 << 17;
const keptFrom = 6 << 17;

/** Enough runs for the engine to have compiled the code with its best compiler, and to time it. */
const warmUpRuns = 150;
const timedRuns = 4;
const rounds = 5;

/** Without vectors of 256 bits, wide tiles do not fit the registers, and are much slower. */
const leastGain = 1.05;

/**
 * The engine, with V8's revectorizer where `revectorize` asks for it, the engine has it, and a
 * product in tiles made for it has the same bits as in ordinary ones and is faster.
 *
 * @example
 * ```ts
 * const engine = chooseEngine({ revectorize: true });
 * ```
 */
export function chooseEngine({ revectorize = false }: { readonly revectorize?: boolean }): Engine {
  return detectEngine(revectorize, passesSelfTest);
}

function passesSelfTest(wide: Engine): boolean {
  const [plain, tried] = [trial({ ...wide, revectorizes: false }), trial(wide)];
  if (plain.bits.some((byte, i) => byte !== tried.bits[i])) return false;
  return tried.milliseconds * leastGain < plain.milliseconds;
}

/**
 * A product of fixed matrices as an engine's tiles compute it: its bytes, and the shortest time.
 */
function trial(engine: Engine) {
  const memory = new WebAssembly.Memory(memoryType);
  let kept = keptFrom;
  const reserve = (bytes: number) => {
    const address = kept;
    kept += Math.ceil(bytes / 16) * 16;
    return address;
  };
  const libraries = new KernelLibraries({ memory, memoryType, engine, reserve });
  const { gemm } = contractLibrary(libraries, "float32").functions;
  const call = callOf(gemm, {
    m,
    n,
    k,
    a: operandAt(0),
    aRow: 4 * k,
    aColumn: 4,
    b: operandAt(1),
    bRow: 4 * n,
    bColumn: 4,
    c: operandAt(2),
    cRow: 4 * n,
    accumulate: 0,
    scratch: { scratch: 0 },
  });
  const [a = 0, b = 0, c = 0] = operands;
  fillWaves(new Float32Array(memory.buffer, a, m * k), 0.7);
  fillWaves(new Float32Array(memory.buffer, b, k * n), 1.3);
  const run = bindCalls(wholeKernel([call]));
  const repeat = (runs: number) => {
    for (let i = 0; i < runs; i++) run(operands, scratch);
  };
  const bits = () => new Uint8Array(memory.buffer, c, resultBytes).slice();
  repeat(1);
  const first = bits();
  repeat(warmUpRuns);
  const times = Array.from({ length: rounds }, () => {
    const start = performance.now();
    repeat(timedRuns);
    return performance.now() - start;
  });
  // Code of the first compiler and of the best one must agree.
  const last = bits();
  const agrees = first.every((byte, i) => byte === last[i]);
  return { bits: last, milliseconds: agrees ? Math.min(...times) : Infinity };
}

/** Numbers whose sums of products are rounded. */
function fillWaves(numbers: Float32Array, frequency: number): void {
  for (let i = 0; i < numbers.length; i++) numbers[i] = Math.sin(i * frequency);
}
