/**
 * A contender that does nothing but multiply and add, as much as a product of matrices does, with all operands in
 * registers: what the machine allows. `node peak.js W7_512 128|256`; 256 bits take Node 24 with its revectorizer.
 */
import { setFlagsFromString } from "node:v8";
import { serve } from "./protocol.js";
import { measure } from "./timing.js";

const v128 = 0x7b;
const i32 = 0x7f;

/** LEB128, unsigned. */
function unsigned(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...unsigned(content.length), ...content];
}

const get = (local: number) => [0x20, ...unsigned(local)];
const set = (local: number) => [0x21, ...unsigned(local)];
const simd = (code: number) => [0xfd, ...unsigned(code)];
const load = (offset: number) => [0x41, 0, ...simd(0), 4, ...unsigned(offset)];
const splat = (offset: number) => [0x41, 0, ...simd(9), 2, ...unsigned(offset)];
const relaxedMultiplyAdd = simd(0x105);

/** Where the sums lie; the factors stand before them. */
const sumsAt = 64;

/**
 * A function of a count that many times adds the same products to sums in registers. Sums lie side by side in memory
 * before and after, which is how the revectorizer finds pairs.
 */
function kernel(sums: number): Uint8Array<ArrayBuffer> {
  const [count, left, low, high] = [0, 1, 2, 3];
  const sum = (at: number) => 4 + at;
  const all = Array.from({ length: sums }, (_, at) => at);
  const code = [
    ...[...splat(0), ...set(left), ...load(16), ...set(low), ...load(32), ...set(high)],
    ...all.flatMap((at) => [...load(sumsAt + 16 * at), ...set(sum(at))]),
    ...[0x03, 0x40],
    ...all.flatMap((at) => [
      ...[...get(left), ...get(at % 2 === 0 ? low : high), ...get(sum(at))],
      ...[...relaxedMultiplyAdd, ...set(sum(at))],
    ]),
    // count -= 1, and again unless it is zero
    ...[...get(count), 0x41, 1, 0x6b, 0x22, count, 0x0d, 0, 0x0b],
    ...all.flatMap((at) => [
      ...[0x41, 0, ...get(sum(at)), ...simd(11), 4, ...unsigned(sumsAt + 16 * at)],
    ]),
    0x0b,
  ];
  const body = [1, ...unsigned(sums + 3), v128, ...code];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 1, i32, 0]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, 1]),
    ...section(7, [1, 1, 0x66, 0, 0]),
    ...section(10, [1, ...unsigned(body.length), ...body]),
  ]);
}

/** Enough sums to hide the time that one takes, in as many registers as there are. */
const sumsByWidth: Readonly<Record<string, number>> = { 128: 12, 256: 20 };

const [, , workload = "", width = "128"] = process.argv;
const size = Number(workload.split("_")[1]);
const sums = sumsByWidth[width] ?? 12;
const bytes = kernel(sums);
if (!WebAssembly.validate(bytes)) setFlagsFromString("--experimental-wasm-relaxed-simd");
const { f: run } = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
if (typeof run !== "function") throw new Error("no kernel");
/** Multiplications of a product, over those that one round does. */
const rounds = Math.round(size ** 3 / (4 * sums));
await serve({
  check: () => ({ gradients: [] }),
  measure: (milliseconds) => measure(() => run(rounds), milliseconds),
});
