import { type Attrs, isFloat, type NodeView, type RewriteTools, type Value } from "@adjoint/graph";
import { nth } from "../core/define.js";
import { broadcastTo } from "../reduce/sum.js";
import { storedNumber } from "./storedNumber.js";

/** An argument of the node, which its arity promises. */
export function input({ ins, op }: NodeView, position: number): Value {
  return nth(op.name, ins, position);
}

/** The node's only result. */
export function result({ outs, op }: NodeView): Value {
  return nth(op.name, outs, 0);
}

/** `x` in the shape of the node's result, where the node's other argument stretched it. */
export function stretched(node: NodeView, x: Value): Value {
  return broadcastTo(x, result(node).type.shape);
}

/** The number that fills a value, as its dtype holds it; undefined for any other value. */
export function literalOf(tools: RewriteTools, value: Value): number | undefined {
  const source = tools.producer(value);
  const number = source?.op.name === "full" ? source.attrs.value : undefined;
  return typeof number === "number" ? storedNumber(number, value.type.dtype) : undefined;
}

/** True where every element is `number`. Floats tell 0 from -0, integers don't. */
export function isLiteral(tools: RewriteTools, value: Value, number: number): boolean {
  const found = literalOf(tools, value);
  return isFloat(value.type.dtype) ? Object.is(found, number) : found === number;
}

/** The first argument of the operator `op`, where that is what computes `value`. */
export function argumentOf(tools: RewriteTools, value: Value, op: string): Value | undefined {
  const source = tools.producer(value);
  return source?.op.name === op ? source.ins[0] : undefined;
}

export function integersOf(attrs: Attrs, name: string): readonly number[] {
  const value = attrs[name];
  return Array.isArray(value) ? value.filter((item) => typeof item === "number") : [];
}

export function flagOf(attrs: Attrs, name: string): boolean {
  return attrs[name] === true;
}
