import { ArgumentError, type Attrs, type OpDef, type Operand, type Value } from "@adjoint/graph";

/** Declares an operator; only ties the attributes' types together. */
export function defineOp<A extends Attrs>(def: OpDef<A>): OpDef<A> {
  return def;
}

/** True for anything operators apply to: a graph value, an array. */
export function isOperand(value: unknown): boolean {
  return typeof value === "object" && value !== null && "emitter" in value && "type" in value;
}

/** What an error message says of a value of the wrong kind. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return `an Array of ${value.length}`;
  if (typeof value === "object") return `a ${value.constructor?.name ?? "object"}`;
  return `${String(value)} (${typeof value})`;
}

/** Refuses arguments that are not arrays. */
export function checkOperands(op: string, ins: readonly unknown[]): void {
  for (let position = 0; position < ins.length; position++) {
    if (!isOperand(ins[position])) throw notAnOperand(op, position, ins[position]);
  }
}

function notAnOperand(op: string, position: number, received: unknown): ArgumentError {
  return new ArgumentError({
    op,
    problem: `argument ${position + 1} is not an array`,
    received: describe(received),
    allowed: "NDArray",
  });
}

/** The same object at each call, so that a recorder sees at once that it knows it. */
const noAttrs: Attrs = Object.freeze({});

/** Applies an operator to at least one operand; gives all results. */
export function apply<T extends Operand<T>>(
  op: OpDef,
  ins: readonly [T, ...T[]],
  attrs: Attrs = noAttrs,
): readonly T[] {
  checkOperands(op.name, ins);
  return ins[0].emitter.emit(op, ins, attrs);
}

/** Applies an operator; gives its first result. */
export function applyOne<T extends Operand<T>>(
  op: OpDef,
  ins: readonly [T, ...T[]],
  attrs: Attrs = noAttrs,
): T {
  if (ins.length === 1) return applyUnary(op, ins[0], attrs);
  const b = ins[1];
  if (ins.length === 2 && b !== undefined) return applyBinary(op, ins[0], b, attrs);
  return first(op.name, apply(op, ins, attrs));
}

/** `applyOne` to one operand. */
export function applyUnary<T extends Operand<T>>(op: OpDef, x: T, attrs: Attrs = noAttrs): T {
  if (!isOperand(x)) throw notAnOperand(op.name, 0, x);
  const { emitter } = x;
  return emitter.emitOne?.(op, attrs, x) ?? first(op.name, emitter.emit(op, [x], attrs));
}

/** `applyOne` to two operands. */
export function applyBinary<T extends Operand<T>>(
  op: OpDef,
  a: T,
  b: T,
  attrs: Attrs = noAttrs,
): T {
  if (!isOperand(a)) throw notAnOperand(op.name, 0, a);
  if (!isOperand(b)) throw notAnOperand(op.name, 1, b);
  const { emitter } = a;
  return emitter.emitOne?.(op, attrs, a, b) ?? first(op.name, emitter.emit(op, [a, b], attrs));
}

/** Applies an operator without operands, as those that `like` meets are; gives its first result. */
export function applyBeside<T extends Operand<T>>(like: T, op: OpDef, attrs: Attrs): T {
  const { emitter } = like;
  return emitter.emitOne?.(op, attrs) ?? first(op.name, emitter.emit(op, [], attrs));
}

/** The first of an operator's results. */
export function first<T>(op: string, results: readonly T[]): T {
  return nth(op, results, 0);
}

/** Result or argument `position`; it is an internal error if it is missing. */
export function nth<T>(op: string, values: readonly T[], position: number): T {
  const value = values[position];
  if (value === undefined) throw new Error(`${op}: no value at position ${position}`);
  return value;
}

/** Head gradient of the only result. */
export function headOf(heads: readonly (Value | undefined)[]): Value {
  const head = heads[0];
  if (head === undefined) throw new Error("vjp: called without a head gradient");
  return head;
}
