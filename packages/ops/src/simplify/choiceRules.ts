import { type DType, type Rule, sameValue } from "@adjoint/graph";
import { castTo } from "../elementwise/cast.js";
import { fill } from "../elementwise/full.js";
import { argumentOf, input, literalOf, result, stretched } from "./matching.js";

/** The dtypes that hold every value of a dtype, NaN and infinities included. */
const holders: { readonly [D in DType]: readonly DType[] } = {
  bool: ["int8", "uint8", "int32", "int64", "float16", "float32", "float64"],
  int8: ["int32", "int64", "float16", "float32", "float64"],
  uint8: ["int32", "int64", "float16", "float32", "float64"],
  int32: ["int64", "float64"],
  int64: [],
  float16: ["float32", "float64"],
  float32: ["float64"],
  float64: [],
};

/** Choices between equal things, conversions without effect, copies. */
export const choiceRules: readonly Rule[] = [
  {
    name: "castToOwnDType",
    ops: ["cast"],
    apply(node) {
      const x = input(node, 0);
      return x.type.dtype === result(node).type.dtype ? x : undefined;
    },
  },
  {
    name: "castOfExactCast",
    ops: ["cast"],
    apply(node, tools) {
      const between = input(node, 0);
      const x = argumentOf(tools, between, "cast");
      if (x === undefined || !holders[x.type.dtype].includes(between.type.dtype)) return undefined;
      return castTo(x, result(node).type.dtype);
    },
  },
  {
    name: "whereBranchesAreEqual",
    ops: ["where"],
    apply(node) {
      const [a, b] = [input(node, 1), input(node, 2)];
      return sameValue(a, b) ? stretched(node, a) : undefined;
    },
  },
  {
    name: "whereConditionIsKnown",
    ops: ["where"],
    apply(node, tools) {
      const condition = literalOf(tools, input(node, 0));
      return condition === undefined
        ? undefined
        : stretched(node, input(node, condition === 0 ? 2 : 1));
    },
  },
  {
    name: "extremumOfOne",
    ops: ["maximum", "minimum"],
    apply: (node) => (sameValue(input(node, 0), input(node, 1)) ? input(node, 0) : undefined),
  },
  { name: "dropIdentity", ops: ["identity"], apply: (node) => input(node, 0) },
  {
    name: "constantLike",
    ops: ["zerosLike", "onesLike"],
    apply(node) {
      const x = input(node, 0);
      return fill(x, x.type.shape, node.op.name === "onesLike" ? 1 : 0);
    },
  },
];
