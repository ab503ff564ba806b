import { bytesOf, type DType } from "@adjoint/graph";
import { displaced, type FunctionBuilder, type Value } from "../assembler/index.js";
import { decodeHalves, encodeHalves } from "../math/float16.js";
import { LaneMath } from "../math/laneMath.js";
import type { MathContext } from "../math/mathContext.js";
import { type Lanes, laneCount, partOf, type Vector } from "./lanes.js";

/** Where the first of four elements lies, and how far its neighbours are. */
export interface Place {
  readonly address: Value<"i32">;
  /** Bytes after `address`; may be negative. */
  readonly displacement: number;
  /** Bytes from an element to the next; 0 where all are one. */
  readonly stride: number;
}

const narrowToShorts = [0, 1, 4, 5, 8, 9, 12, 13, 0, 1, 4, 5, 8, 9, 12, 13];
const narrow = [0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12];

/** Loads the first `count` of four elements; the others are any numbers. */
export function loadLanes(context: MathContext, dtype: DType, place: Place, count: number): Lanes {
  const { code, constants } = context;
  switch (dtype) {
    case "float32":
    case "int32":
      return { dtype, parts: [loadWords(code, place, count)] };
    case "float64":
    case "int64":
      return { dtype, parts: loadLongs(code, place, count) };
    case "float16":
      return {
        dtype,
        parts: [decodeHalves(new LaneMath(context, "f32x4"), loadShorts(code, place, count))],
      };
    case "int8":
      return { dtype, parts: [loadBytes(code, place, count, "s")] };
    case "uint8":
      return { dtype, parts: [loadBytes(code, place, count, "u")] };
    case "bool": {
      const none = code.constant(32, constants.i32x4(0));
      return { dtype, parts: [code.op("i32x4.ne", loadBytes(code, place, count, "u"), none)] };
    }
    default:
      return dtype satisfies never;
  }
}

function loadWords(code: FunctionBuilder, place: Place, count: number): Vector {
  const { stride } = place;
  if (stride === 0) return load(code, "v128.load32_splat", place, 0);
  if (stride === 4 && count === laneCount) return load(code, "v128.load", place, 0);
  if (stride === 4 && count === 2) return load(code, "v128.load64_zero", place, 0);
  const joined = stride === 4 && count === 3;
  let words = load(code, joined ? "v128.load64_zero" : "v128.load32_zero", place, 0);
  for (let lane = joined ? 2 : 1; lane < count; lane++) {
    const [address, offset] = at(place, lane * stride);
    words = code.loadLane("v128.load32_lane", lane, address, words, offset);
  }
  return words;
}

function loadLongs(code: FunctionBuilder, place: Place, count: number): readonly Vector[] {
  if (place.stride === 0) {
    const part = load(code, "v128.load64_splat", place, 0);
    return [part, part];
  }
  const low = loadPair(code, place, Math.min(count, 2));
  if (count <= 2) return [low, low];
  const { displacement, stride } = place;
  const upper = { ...place, displacement: displacement + 2 * stride };
  return [low, loadPair(code, upper, count - 2)];
}

function loadPair(code: FunctionBuilder, place: Place, count: number): Vector {
  if (count === 2 && place.stride === 8) return load(code, "v128.load", place, 0);
  const first = load(code, "v128.load64_zero", place, 0);
  if (count === 1) return first;
  const [address, offset] = at(place, place.stride);
  return code.loadLane("v128.load64_lane", 1, address, first, offset);
}

/** Bytes as 32-bit integers, with their sign or without. */
function loadBytes(code: FunctionBuilder, place: Place, count: number, sign: "s" | "u"): Vector {
  const { stride } = place;
  if (stride === 1 && count === laneCount) {
    const bytes = load(code, "v128.load32_zero", place, 0);
    return code.op(
      `i32x4.extend_low_i16x8_${sign}`,
      code.op(`i16x8.extend_low_i8x16_${sign}`, bytes),
    );
  }
  return gatherIntegers(code, `i32.load8_${sign}`, place, count);
}

/** One by one, where they do not lie together. */
function gatherIntegers(
  code: FunctionBuilder,
  name: "i32.load8_s" | "i32.load8_u" | "i32.load16_u",
  place: Place,
  count: number,
): Vector {
  const [address, offset] = at(place, 0);
  let lanes = code.op("i32x4.splat", code.load(name, address, offset));
  if (place.stride === 0) return lanes;
  for (let lane = 1; lane < count; lane++) {
    const [next, further] = at(place, lane * place.stride);
    lanes = code.lane("i32x4.replace_lane", lane, lanes, code.load(name, next, further));
  }
  return lanes;
}

/** 16 bits each, in lanes of 32 bits. */
function loadShorts(code: FunctionBuilder, place: Place, count: number): Vector {
  const { stride } = place;
  if (stride === 2 && count === laneCount) {
    return code.op("i32x4.extend_low_i16x8_u", load(code, "v128.load64_zero", place, 0));
  }
  return gatherIntegers(code, "i32.load16_u", place, count);
}

/** Stores the first `count` of four elements. */
export function storeLanes(context: MathContext, place: Place, lanes: Lanes, count: number): void {
  const { code } = context;
  switch (lanes.dtype) {
    case "float32":
    case "int32":
      storeWords(code, place, partOf(lanes), count);
      break;
    case "float64":
    case "int64":
      storeLongs(code, place, lanes, count);
      break;
    case "float16":
      storeShorts(code, place, encodeHalves(new LaneMath(context, "f32x4"), partOf(lanes)), count);
      break;
    case "int8":
    case "uint8":
      storeBytes(code, place, partOf(lanes), count);
      break;
    case "bool": {
      const one = code.constant(32, context.constants.i32x4(1));
      storeBytes(code, place, code.op("v128.and", partOf(lanes), one), count);
      break;
    }
    default:
      lanes.dtype satisfies never;
  }
}

function storeWords(code: FunctionBuilder, place: Place, words: Vector, count: number): void {
  const { stride } = place;
  if (stride === 4 && count === laneCount) {
    store(code, place, 0, words);
    return;
  }
  const joined = stride === 4 && count >= 2;
  if (joined) {
    const [address, offset] = at(place, 0);
    code.storeLane("v128.store64_lane", 0, address, words, offset);
  }
  for (let lane = joined ? 2 : 0; lane < count; lane++) {
    const [address, offset] = at(place, lane * stride);
    code.storeLane("v128.store32_lane", lane, address, words, offset);
  }
}

function storeLongs(code: FunctionBuilder, place: Place, lanes: Lanes, count: number): void {
  const { stride } = place;
  for (let lane = 0; lane < count; lane += 2) {
    const part = partOf(lanes, lane / 2);
    if (stride === 8 && lane + 2 <= count) {
      store(code, place, lane * stride, part);
      continue;
    }
    for (let next = lane; next < Math.min(count, lane + 2); next++) {
      const [address, offset] = at(place, next * stride);
      code.storeLane("v128.store64_lane", next - lane, address, part, offset);
    }
  }
}

function storeShorts(code: FunctionBuilder, place: Place, integers: Vector, count: number): void {
  const { stride } = place;
  if (stride === 2 && count === laneCount) {
    const [address, offset] = at(place, 0);
    const shorts = code.shuffle(integers, integers, narrowToShorts);
    code.storeLane("v128.store64_lane", 0, address, shorts, offset);
    return;
  }
  scatterIntegers(code, "i32.store16", place, integers, count);
}

function storeBytes(code: FunctionBuilder, place: Place, integers: Vector, count: number): void {
  const { stride } = place;
  if (stride === 1 && count === laneCount) {
    const [address, offset] = at(place, 0);
    const bytes = code.shuffle(integers, integers, narrow);
    code.storeLane("v128.store32_lane", 0, address, bytes, offset);
    return;
  }
  scatterIntegers(code, "i32.store8", place, integers, count);
}

function scatterIntegers(
  code: FunctionBuilder,
  name: "i32.store8" | "i32.store16",
  place: Place,
  integers: Vector,
  count: number,
): void {
  for (let lane = 0; lane < count; lane++) {
    const [address, offset] = at(place, lane * place.stride);
    code.store(name, address, code.lane("i32x4.extract_lane", lane, integers), offset);
  }
}

type VectorLoad =
  | "v128.load"
  | "v128.load32_splat"
  | "v128.load64_splat"
  | "v128.load32_zero"
  | "v128.load64_zero";

function load(code: FunctionBuilder, name: VectorLoad, place: Place, by: number): Vector {
  const [address, offset] = at(place, by);
  return code.load(name, address, offset);
}

function store(code: FunctionBuilder, place: Place, by: number, vector: Vector): void {
  const [address, offset] = at(place, by);
  code.store("v128.store", address, vector, offset);
}

/** An address and a constant offset, which instructions take only where it is not negative. */
function at({ address, displacement }: Place, by: number) {
  const offset = displacement + by;
  return offset >= 0 ? ([address, offset] as const) : ([displaced(address, offset), 0] as const);
}

/** Bytes that four elements take where they lie together. */
export function laneBytes(dtype: DType): number {
  return laneCount * bytesOf(dtype);
}
