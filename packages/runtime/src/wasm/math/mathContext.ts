import type { FunctionBuilder } from "../assembler/functionBuilder.js";
import type { ConstantPool } from "../constantPool.js";
import type { Features } from "../features.js";
import type { OutOfLine } from "./outOfLine.js";

/** LaneMath of a vector in floating point: four singles or two doubles. */
export type VectorType = "f32x4" | "f64x2";

/** Where code of vector math goes, and what it may use. */
export interface MathContext {
  readonly code: FunctionBuilder;
  readonly constants: ConstantPool;
  readonly features: Features;
  /** The module's own functions that compute expensive functions on one vector. */
  readonly outOfLine: OutOfLine;
}
