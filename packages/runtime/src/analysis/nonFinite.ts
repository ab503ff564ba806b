import type { Input, Node, NodeId } from "@adjoint/graph";
import type { Tensor } from "../tensor.js";
import { countNonFinite, summarize, type ValueSummary } from "./summarize.js";

/** The row that brought a NaN or an infinity into a run. Plain data. */
export interface NonFinite {
  readonly row: NodeId;
  /** Its operator; undefined for an input. */
  readonly op: string | undefined;
  /** Its name, for an input. */
  readonly name: string | undefined;
  /** Which of its results. */
  readonly out: number;
  readonly kind: "NaN" | "infinity";
  /** How many elements. */
  readonly count: number;
  /** The user's line. */
  readonly site: string | undefined;
  /** What it was computed from. */
  readonly ins: readonly ValueSummary[];
}

/** An input that holds a NaN. Infinities are let through: a mask of them is meant. */
export function nonFiniteInput(input: Input, tensor: Tensor): NonFinite | undefined {
  const { nans } = countNonFinite(tensor);
  if (nans === 0) return undefined;
  const { id, name, site } = input;
  return { row: id, op: undefined, name, out: 0, kind: "NaN", count: nans, site, ins: [] };
}

/**
 * The first result with a NaN although no argument has one, or with an infinity although all
 * arguments are finite. A node without arguments, such as `full`, holds what was asked for.
 */
export function nonFiniteResult(
  node: Node,
  ins: readonly Tensor[],
  results: readonly Tensor[],
): NonFinite | undefined {
  if (ins.length === 0) return undefined;
  const before = ins.map(countNonFinite);
  const hadNaN = before.some(({ nans }) => nans > 0);
  const hadInfinity = before.some(({ infinities }) => infinities > 0);
  for (const [out, tensor] of results.entries()) {
    const { nans, infinities } = countNonFinite(tensor);
    const makesNaN = nans > 0 && !hadNaN;
    const makesInfinity = infinities > 0 && !hadNaN && !hadInfinity;
    if (!makesNaN && !makesInfinity) continue;
    const { id, op, site } = node;
    return {
      row: id,
      op,
      name: undefined,
      out,
      kind: makesNaN ? "NaN" : "infinity",
      count: makesNaN ? nans : infinities,
      site,
      ins: ins.map((one) => summarize(one)),
    };
  }
  return undefined;
}
