import { diffText } from "./diffText.js";
import { graphText, type TextOptions } from "./graphText.js";
import { isGraph, isJoint, type Printable } from "./printable.js";
import { viewText } from "./viewText.js";

export type { TextOptions } from "./graphText.js";

/**
 * A graph in the IR's own syntax, one node per line in order, which `parseText` reads:
 *
 * ```
 * graph seed(%x: float32[4,1]) -> (y: %4) {
 *   %1 = transpose(%x) {axes=[1,0]} : float32[1,4]  // model.ts:3
 *   %2 = dot(%1, %x) : float32[1,1]  // model.ts:3
 *   %4 = mul(%2, 2) : float32[1,1]  // model.ts:4
 * }
 * ```
 *
 * - Inputs are named; `#7` gives the id of an input where it is not its position. Other roles than `arg` are written
 *   out: `head %dy: float32[1] of %3`, where `%3` is a row of the forward graph; `const %c: int32[2] = [1,2]`.
 * - `%4.1` is a result of a node with several. A rank-0 `full` is a number in place, with its dtype, `2:int32`, where
 *   that is not the dtype of the node's first result. Special numbers: `nan`, `inf`, `-inf`, `-0`.
 * - `@mlp/dense1` is the scope, `~%5` the row of the forward graph that a gradient node comes from, `// …` the site.
 * - Names that are not plain words are JSON strings: `%"my input"`.
 *
 * The short form leaves out: sites of inputs, flags that are off, ids and sites of numbers in place, the next free id,
 * the bytes of constants with more than 8 elements. With `full` nothing is lost: a number that does not stand right
 * before its only reader has a row of its own, `next %17` gives the next free id where it does not follow, and long
 * constants stand in base64 at the end, `#9529…: float64[9] = "AAAA…"`.
 *
 * A program with its gradient is two graphs. Views and differences are for reading only.
 */
export function toText(subject: Printable, options: TextOptions = {}): string {
  if (isJoint(subject)) {
    return `${toText(subject.forward, options)}\n\n${toText(subject.backward, options)}`;
  }
  if (isGraph(subject)) return graphText(subject, options);
  return subject.kind === "view" ? viewText(subject, options) : diffText(subject, options);
}
