/** Types of values on WebAssembly's stack. */
export type ValueType = "i32" | "i64" | "f32" | "f64" | "v128";

export const valueTypeCodes: { readonly [T in ValueType]: number } = {
  i32: 0x7f,
  i64: 0x7e,
  f32: 0x7d,
  f64: 0x7c,
  v128: 0x7b,
};

/** One instruction: its bytes, what it takes from the stack, what it leaves. */
export interface Instruction<
  Operands extends readonly ValueType[] = readonly ValueType[],
  Result extends ValueType = ValueType,
> {
  readonly code: readonly number[];
  readonly operands: Operands;
  readonly result: Result;
}

type Unary<A extends ValueType, R extends ValueType> = Instruction<readonly [A], R>;
type Binary<A extends ValueType, R extends ValueType> = Instruction<readonly [A, A], R>;

function unary<A extends ValueType, R extends ValueType>(code: number, a: A, r: R): Unary<A, R> {
  return { code: [code], operands: [a], result: r };
}

function binary<A extends ValueType, R extends ValueType>(code: number, a: A, r: R): Binary<A, R> {
  return { code: [code], operands: [a, a], result: r };
}

/** SIMD opcodes are a prefix and an unsigned number. */
function vectorCode(code: number): readonly number[] {
  if (code < 128) return [0xfd, code];
  return [0xfd, (code & 127) | 128, code >> 7];
}

function vector<O extends readonly ValueType[], R extends ValueType>(
  code: number,
  operands: O,
  result: R,
): Instruction<O, R> {
  return { code: vectorCode(code), operands, result };
}

const v1 = ["v128"] as const;
const v2 = ["v128", "v128"] as const;
const v3 = ["v128", "v128", "v128"] as const;
const shift = ["v128", "i32"] as const;

/**
 * Instructions without immediates. Names and codes: WebAssembly core specification 3.0, chapter
 * 5.4.
 */
export const instructions = {
  "i32.eqz": unary(0x45, "i32", "i32"),
  "i32.eq": binary(0x46, "i32", "i32"),
  "i32.ne": binary(0x47, "i32", "i32"),
  "i32.lt_s": binary(0x48, "i32", "i32"),
  "i32.lt_u": binary(0x49, "i32", "i32"),
  "i32.gt_s": binary(0x4a, "i32", "i32"),
  "i32.gt_u": binary(0x4b, "i32", "i32"),
  "i32.le_s": binary(0x4c, "i32", "i32"),
  "i32.le_u": binary(0x4d, "i32", "i32"),
  "i32.ge_s": binary(0x4e, "i32", "i32"),
  "i32.ge_u": binary(0x4f, "i32", "i32"),
  "i32.clz": unary(0x67, "i32", "i32"),
  "i32.add": binary(0x6a, "i32", "i32"),
  "i32.sub": binary(0x6b, "i32", "i32"),
  "i32.mul": binary(0x6c, "i32", "i32"),
  "i32.div_s": binary(0x6d, "i32", "i32"),
  "i32.div_u": binary(0x6e, "i32", "i32"),
  "i32.rem_s": binary(0x6f, "i32", "i32"),
  "i32.rem_u": binary(0x70, "i32", "i32"),
  "i32.and": binary(0x71, "i32", "i32"),
  "i32.or": binary(0x72, "i32", "i32"),
  "i32.xor": binary(0x73, "i32", "i32"),
  "i32.shl": binary(0x74, "i32", "i32"),
  "i32.shr_s": binary(0x75, "i32", "i32"),
  "i32.shr_u": binary(0x76, "i32", "i32"),
  "i64.eqz": unary(0x50, "i64", "i32"),
  "i64.eq": binary(0x51, "i64", "i32"),
  "i64.ne": binary(0x52, "i64", "i32"),
  "i64.lt_s": binary(0x53, "i64", "i32"),
  "i64.lt_u": binary(0x54, "i64", "i32"),
  "i64.gt_s": binary(0x55, "i64", "i32"),
  "i64.le_s": binary(0x57, "i64", "i32"),
  "i64.ge_s": binary(0x59, "i64", "i32"),
  "i64.clz": unary(0x79, "i64", "i64"),
  "i64.add": binary(0x7c, "i64", "i64"),
  "i64.sub": binary(0x7d, "i64", "i64"),
  "i64.mul": binary(0x7e, "i64", "i64"),
  "i64.div_s": binary(0x7f, "i64", "i64"),
  "i64.rem_s": binary(0x81, "i64", "i64"),
  "i64.rem_u": binary(0x82, "i64", "i64"),
  "i64.and": binary(0x83, "i64", "i64"),
  "i64.or": binary(0x84, "i64", "i64"),
  "i64.xor": binary(0x85, "i64", "i64"),
  "i64.shl": binary(0x86, "i64", "i64"),
  "i64.shr_s": binary(0x87, "i64", "i64"),
  "i64.shr_u": binary(0x88, "i64", "i64"),
  "f32.eq": binary(0x5b, "f32", "i32"),
  "f32.ne": binary(0x5c, "f32", "i32"),
  "f32.lt": binary(0x5d, "f32", "i32"),
  "f32.gt": binary(0x5e, "f32", "i32"),
  "f32.le": binary(0x5f, "f32", "i32"),
  "f32.ge": binary(0x60, "f32", "i32"),
  "f32.abs": unary(0x8b, "f32", "f32"),
  "f32.neg": unary(0x8c, "f32", "f32"),
  "f32.ceil": unary(0x8d, "f32", "f32"),
  "f32.floor": unary(0x8e, "f32", "f32"),
  "f32.trunc": unary(0x8f, "f32", "f32"),
  "f32.nearest": unary(0x90, "f32", "f32"),
  "f32.sqrt": unary(0x91, "f32", "f32"),
  "f32.add": binary(0x92, "f32", "f32"),
  "f32.sub": binary(0x93, "f32", "f32"),
  "f32.mul": binary(0x94, "f32", "f32"),
  "f32.div": binary(0x95, "f32", "f32"),
  "f32.min": binary(0x96, "f32", "f32"),
  "f32.max": binary(0x97, "f32", "f32"),
  "f64.eq": binary(0x61, "f64", "i32"),
  "f64.ne": binary(0x62, "f64", "i32"),
  "f64.lt": binary(0x63, "f64", "i32"),
  "f64.gt": binary(0x64, "f64", "i32"),
  "f64.le": binary(0x65, "f64", "i32"),
  "f64.ge": binary(0x66, "f64", "i32"),
  "f64.abs": unary(0x99, "f64", "f64"),
  "f64.neg": unary(0x9a, "f64", "f64"),
  "f64.ceil": unary(0x9b, "f64", "f64"),
  "f64.floor": unary(0x9c, "f64", "f64"),
  "f64.trunc": unary(0x9d, "f64", "f64"),
  "f64.nearest": unary(0x9e, "f64", "f64"),
  "f64.sqrt": unary(0x9f, "f64", "f64"),
  "f64.add": binary(0xa0, "f64", "f64"),
  "f64.sub": binary(0xa1, "f64", "f64"),
  "f64.mul": binary(0xa2, "f64", "f64"),
  "f64.div": binary(0xa3, "f64", "f64"),
  "f64.min": binary(0xa4, "f64", "f64"),
  "f64.max": binary(0xa5, "f64", "f64"),
  "f64.copysign": binary(0xa6, "f64", "f64"),
  "i32.wrap_i64": unary(0xa7, "i64", "i32"),
  "i64.extend_i32_s": unary(0xac, "i32", "i64"),
  "i64.extend_i32_u": unary(0xad, "i32", "i64"),
  "f32.convert_i32_s": unary(0xb2, "i32", "f32"),
  "f32.convert_i32_u": unary(0xb3, "i32", "f32"),
  "f32.convert_i64_s": unary(0xb4, "i64", "f32"),
  "f32.demote_f64": unary(0xb6, "f64", "f32"),
  "f64.convert_i32_s": unary(0xb7, "i32", "f64"),
  "f64.convert_i32_u": unary(0xb8, "i32", "f64"),
  "f64.convert_i64_s": unary(0xb9, "i64", "f64"),
  "f64.convert_i64_u": unary(0xba, "i64", "f64"),
  "f64.promote_f32": unary(0xbb, "f32", "f64"),
  "i32.reinterpret_f32": unary(0xbc, "f32", "i32"),
  "i64.reinterpret_f64": unary(0xbd, "f64", "i64"),
  "f32.reinterpret_i32": unary(0xbe, "i32", "f32"),
  "f64.reinterpret_i64": unary(0xbf, "i64", "f64"),
  "i32.trunc_sat_f32_s": { code: [0xfc, 0], operands: ["f32"], result: "i32" },
  "i32.trunc_sat_f64_s": { code: [0xfc, 2], operands: ["f64"], result: "i32" },
  "i64.trunc_sat_f64_s": { code: [0xfc, 6], operands: ["f64"], result: "i64" },
  "i8x16.swizzle": vector(0x0e, v2, "v128"),
  "i8x16.splat": vector(0x0f, ["i32"] as const, "v128"),
  "i32x4.splat": vector(0x11, ["i32"] as const, "v128"),
  "i64x2.splat": vector(0x12, ["i64"] as const, "v128"),
  "f32x4.splat": vector(0x13, ["f32"] as const, "v128"),
  "f64x2.splat": vector(0x14, ["f64"] as const, "v128"),
  "i8x16.eq": vector(0x23, v2, "v128"),
  "i32x4.eq": vector(0x37, v2, "v128"),
  "i32x4.ne": vector(0x38, v2, "v128"),
  "i32x4.lt_s": vector(0x39, v2, "v128"),
  "i32x4.gt_s": vector(0x3b, v2, "v128"),
  "i32x4.le_s": vector(0x3d, v2, "v128"),
  "i32x4.ge_s": vector(0x3f, v2, "v128"),
  "f32x4.eq": vector(0x41, v2, "v128"),
  "f32x4.ne": vector(0x42, v2, "v128"),
  "f32x4.lt": vector(0x43, v2, "v128"),
  "f32x4.gt": vector(0x44, v2, "v128"),
  "f32x4.le": vector(0x45, v2, "v128"),
  "f32x4.ge": vector(0x46, v2, "v128"),
  "f64x2.eq": vector(0x47, v2, "v128"),
  "f64x2.ne": vector(0x48, v2, "v128"),
  "f64x2.lt": vector(0x49, v2, "v128"),
  "f64x2.gt": vector(0x4a, v2, "v128"),
  "f64x2.le": vector(0x4b, v2, "v128"),
  "f64x2.ge": vector(0x4c, v2, "v128"),
  "v128.not": vector(0x4d, v1, "v128"),
  "v128.and": vector(0x4e, v2, "v128"),
  "v128.andnot": vector(0x4f, v2, "v128"),
  "v128.or": vector(0x50, v2, "v128"),
  "v128.xor": vector(0x51, v2, "v128"),
  /** Bits of the first where the third has ones, else of the second. */
  "v128.bitselect": vector(0x52, v3, "v128"),
  "v128.any_true": vector(0x53, v1, "i32"),
  "f32x4.demote_f64x2_zero": vector(0x5e, v1, "v128"),
  "f64x2.promote_low_f32x4": vector(0x5f, v1, "v128"),
  "f32x4.ceil": vector(0x67, v1, "v128"),
  "f32x4.floor": vector(0x68, v1, "v128"),
  "f32x4.trunc": vector(0x69, v1, "v128"),
  "f32x4.nearest": vector(0x6a, v1, "v128"),
  "f64x2.ceil": vector(0x74, v1, "v128"),
  "f64x2.floor": vector(0x75, v1, "v128"),
  "f64x2.trunc": vector(0x7a, v1, "v128"),
  "f64x2.nearest": vector(0x94, v1, "v128"),
  "i16x8.extend_low_i8x16_s": vector(0x87, v1, "v128"),
  "i16x8.extend_low_i8x16_u": vector(0x89, v1, "v128"),
  "i32x4.abs": vector(0xa0, v1, "v128"),
  "i32x4.neg": vector(0xa1, v1, "v128"),
  "i32x4.all_true": vector(0xa3, v1, "i32"),
  "i32x4.bitmask": vector(0xa4, v1, "i32"),
  "i32x4.extend_low_i16x8_s": vector(0xa7, v1, "v128"),
  "i32x4.extend_high_i16x8_s": vector(0xa8, v1, "v128"),
  "i32x4.extend_low_i16x8_u": vector(0xa9, v1, "v128"),
  "i32x4.extend_high_i16x8_u": vector(0xaa, v1, "v128"),
  "i32x4.shl": vector(0xab, shift, "v128"),
  "i32x4.shr_s": vector(0xac, shift, "v128"),
  "i32x4.shr_u": vector(0xad, shift, "v128"),
  "i32x4.add": vector(0xae, v2, "v128"),
  "i32x4.sub": vector(0xb1, v2, "v128"),
  "i32x4.mul": vector(0xb5, v2, "v128"),
  "i32x4.min_s": vector(0xb6, v2, "v128"),
  "i32x4.max_s": vector(0xb8, v2, "v128"),
  "i64x2.abs": vector(0xc0, v1, "v128"),
  "i64x2.neg": vector(0xc1, v1, "v128"),
  "i64x2.bitmask": vector(0xc4, v1, "i32"),
  "i64x2.extend_low_i32x4_s": vector(0xc7, v1, "v128"),
  "i64x2.extend_high_i32x4_s": vector(0xc8, v1, "v128"),
  "i64x2.shl": vector(0xcb, shift, "v128"),
  "i64x2.shr_s": vector(0xcc, shift, "v128"),
  "i64x2.shr_u": vector(0xcd, shift, "v128"),
  "i64x2.add": vector(0xce, v2, "v128"),
  "i64x2.sub": vector(0xd1, v2, "v128"),
  "i64x2.mul": vector(0xd5, v2, "v128"),
  "i64x2.eq": vector(0xd6, v2, "v128"),
  "i64x2.ne": vector(0xd7, v2, "v128"),
  "i64x2.lt_s": vector(0xd8, v2, "v128"),
  "i64x2.gt_s": vector(0xd9, v2, "v128"),
  "i64x2.le_s": vector(0xda, v2, "v128"),
  "i64x2.ge_s": vector(0xdb, v2, "v128"),
  "f32x4.abs": vector(0xe0, v1, "v128"),
  "f32x4.neg": vector(0xe1, v1, "v128"),
  "f32x4.sqrt": vector(0xe3, v1, "v128"),
  "f32x4.add": vector(0xe4, v2, "v128"),
  "f32x4.sub": vector(0xe5, v2, "v128"),
  "f32x4.mul": vector(0xe6, v2, "v128"),
  "f32x4.div": vector(0xe7, v2, "v128"),
  "f32x4.min": vector(0xe8, v2, "v128"),
  "f32x4.max": vector(0xe9, v2, "v128"),
  "f32x4.pmin": vector(0xea, v2, "v128"),
  "f32x4.pmax": vector(0xeb, v2, "v128"),
  "f64x2.abs": vector(0xec, v1, "v128"),
  "f64x2.neg": vector(0xed, v1, "v128"),
  "f64x2.sqrt": vector(0xef, v1, "v128"),
  "f64x2.add": vector(0xf0, v2, "v128"),
  "f64x2.sub": vector(0xf1, v2, "v128"),
  "f64x2.mul": vector(0xf2, v2, "v128"),
  "f64x2.div": vector(0xf3, v2, "v128"),
  "f64x2.min": vector(0xf4, v2, "v128"),
  "f64x2.max": vector(0xf5, v2, "v128"),
  "f64x2.pmin": vector(0xf6, v2, "v128"),
  "f64x2.pmax": vector(0xf7, v2, "v128"),
  "i32x4.trunc_sat_f32x4_s": vector(0xf8, v1, "v128"),
  "f32x4.convert_i32x4_s": vector(0xfa, v1, "v128"),
  "f32x4.convert_i32x4_u": vector(0xfb, v1, "v128"),
  "i32x4.trunc_sat_f64x2_s_zero": vector(0xfc, v1, "v128"),
  "i32x4.trunc_sat_f64x2_u_zero": vector(0xfd, v1, "v128"),
  "f64x2.convert_low_i32x4_s": vector(0xfe, v1, "v128"),
  /**
   * a * b + c, rounded once or twice as the processor likes; needs relaxed SIMD, as the next three
   * do.
   */
  "f32x4.relaxed_madd": vector(0x105, v3, "v128"),
  /** c - a * b */
  "f32x4.relaxed_nmadd": vector(0x106, v3, "v128"),
  "f64x2.relaxed_madd": vector(0x107, v3, "v128"),
  "f64x2.relaxed_nmadd": vector(0x108, v3, "v128"),
} as const;

export type InstructionName = keyof typeof instructions;

/** Loads: the type on the stack and the bytes that are read, as a power of two. */
export const loads = {
  "i32.load": { code: [0x28], type: "i32", align: 2 },
  "i64.load": { code: [0x29], type: "i64", align: 3 },
  "f32.load": { code: [0x2a], type: "f32", align: 2 },
  "f64.load": { code: [0x2b], type: "f64", align: 3 },
  "i32.load8_s": { code: [0x2c], type: "i32", align: 0 },
  "i32.load8_u": { code: [0x2d], type: "i32", align: 0 },
  "i32.load16_u": { code: [0x2f], type: "i32", align: 1 },
  "v128.load": { code: vectorCode(0), type: "v128", align: 4 },
  "v128.load8_splat": { code: vectorCode(7), type: "v128", align: 0 },
  "v128.load32_splat": { code: vectorCode(9), type: "v128", align: 2 },
  "v128.load64_splat": { code: vectorCode(10), type: "v128", align: 3 },
  "v128.load32_zero": { code: vectorCode(0x5c), type: "v128", align: 2 },
  "v128.load64_zero": { code: vectorCode(0x5d), type: "v128", align: 3 },
} as const;

export type LoadName = keyof typeof loads;

export const stores = {
  "i32.store": { code: [0x36], type: "i32", align: 2 },
  "i64.store": { code: [0x37], type: "i64", align: 3 },
  "f32.store": { code: [0x38], type: "f32", align: 2 },
  "f64.store": { code: [0x39], type: "f64", align: 3 },
  "i32.store8": { code: [0x3a], type: "i32", align: 0 },
  "i32.store16": { code: [0x3b], type: "i32", align: 1 },
  "v128.store": { code: vectorCode(11), type: "v128", align: 4 },
} as const;

export type StoreName = keyof typeof stores;

/** Loads into one lane of a vector, and stores of one lane. */
export const laneLoads = {
  "v128.load32_lane": { code: vectorCode(0x56), align: 2 },
  "v128.load64_lane": { code: vectorCode(0x57), align: 3 },
} as const;

export type LaneLoadName = keyof typeof laneLoads;

export const laneStores = {
  "v128.store32_lane": { code: vectorCode(0x5a), align: 2 },
  "v128.store64_lane": { code: vectorCode(0x5b), align: 3 },
} as const;

export type LaneStoreName = keyof typeof laneStores;

/** Instructions on one lane of a vector. */
export const laneInstructions = {
  "i32x4.extract_lane": { code: vectorCode(0x1b), operands: v1, result: "i32" },
  "i32x4.replace_lane": { code: vectorCode(0x1c), operands: ["v128", "i32"], result: "v128" },
  "i64x2.extract_lane": { code: vectorCode(0x1d), operands: v1, result: "i64" },
  "i64x2.replace_lane": { code: vectorCode(0x1e), operands: ["v128", "i64"], result: "v128" },
  "f32x4.extract_lane": { code: vectorCode(0x1f), operands: v1, result: "f32" },
  "f32x4.replace_lane": { code: vectorCode(0x20), operands: ["v128", "f32"], result: "v128" },
  "f64x2.extract_lane": { code: vectorCode(0x21), operands: v1, result: "f64" },
  "f64x2.replace_lane": { code: vectorCode(0x22), operands: ["v128", "f64"], result: "v128" },
} as const;

export type LaneInstructionName = keyof typeof laneInstructions;

/**
 * Atomic operations on 32-bit words of shared memory: what they take after the address, and what
 * they leave.
 */
export const atomics = {
  /** Wakes at most so many threads that wait at the address; leaves their number. */
  "memory.atomic.notify": { code: [0xfe, 0x00], operands: ["i32"], result: "i32" },
  /** Sleeps while the word is the expected one, for so many nanoseconds at the most. */
  "memory.atomic.wait32": { code: [0xfe, 0x01], operands: ["i32", "i64"], result: "i32" },
  "i32.atomic.load": { code: [0xfe, 0x10], operands: [], result: "i32" },
  /** Leaves what the word was before. */
  "i32.atomic.rmw.add": { code: [0xfe, 0x1e], operands: ["i32"], result: "i32" },
  "i32.atomic.rmw.xchg": { code: [0xfe, 0x41], operands: ["i32"], result: "i32" },
} as const;

export type AtomicName = keyof typeof atomics;
