import type { ScalarExpr } from "@adjoint/graph";
import { doubleInstructions } from "./doubleInstructions.js";
import { operandsFirst, operandsOf } from "./expressionOrder.js";
import type { Instruction } from "./instruction.js";
import { int64Instructions } from "./int64/instructions.js";
import type { Signature } from "./prepare.js";
import { RegisterPool } from "./registerPool.js";

/** A scalar expression as a list of loops over registers. */
export interface MapProgram {
  /** Run once, for the longest chunk: they fill registers that no other step overwrites. */
  readonly constants: readonly Instruction[];
  /** Run for each chunk. */
  readonly instructions: readonly Instruction[];
  /** The register that holds the value at the end, of `int64s` or `doubles` by its dtype. */
  readonly result: number;
  /** How many registers of each kind the program needs. */
  readonly doubles: number;
  readonly int64s: number;
}

/**
 * Compiles an expression; equal objects are computed once, and a register is used again after the
 * last use of its value. Throws a DTypeError for functions that are not exact on int64.
 */
export function compileMap(expr: ScalarExpr, signature: Signature): MapProgram {
  const order = operandsFirst(expr);
  const registers = new RegisterFile(order);
  const constants: Instruction[] = [];
  const instructions: Instruction[] = [];
  for (const one of order) {
    const operands = operandsOf(one);
    const ins = operands.map((operand) => registers.read(operand));
    const out = registers.write(one);
    const instructionsOf = [one, ...operands].some(isInt64)
      ? int64Instructions
      : doubleInstructions;
    const steps = instructionsOf(one, ins, out, signature);
    (one.kind === "constant" ? constants : instructions).push(...steps);
  }
  const result = registers.read(expr);
  const { doubles, int64s } = registers;
  return { constants, instructions, result, doubles: doubles.count, int64s: int64s.count };
}

/** Which register holds which value, while a program is written. */
class RegisterFile {
  readonly doubles = new RegisterPool();
  readonly int64s = new RegisterPool();
  private readonly held = new Map<ScalarExpr, number>();
  /** How many more times each value is read. */
  private readonly uses = new Map<ScalarExpr, number>();

  constructor(order: readonly ScalarExpr[]) {
    for (const operand of order.flatMap(operandsOf)) {
      this.uses.set(operand, (this.uses.get(operand) ?? 0) + 1);
    }
  }

  /**
   * The register of an operand; after its last use the next result may take it, even that of the
   * very operator, as loops go from element to element.
   */
  read(expr: ScalarExpr): number {
    const register = this.held.get(expr);
    if (register === undefined) throw new Error(`${expr.kind}: read before it is computed`);
    const left = (this.uses.get(expr) ?? 0) - 1;
    this.uses.set(expr, left);
    if (left === 0 && expr.kind !== "constant") this.poolOf(expr).giveBack(register);
    return register;
  }

  /** A register for a result. Constants are filled once for all chunks, so they get their own. */
  write(expr: ScalarExpr): number {
    const pool = this.poolOf(expr);
    const register = expr.kind === "constant" ? pool.reserve() : pool.take();
    this.held.set(expr, register);
    return register;
  }

  private poolOf(expr: ScalarExpr): RegisterPool {
    return isInt64(expr) ? this.int64s : this.doubles;
  }
}

const isInt64 = ({ dtype }: ScalarExpr) => dtype === "int64";
