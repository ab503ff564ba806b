import { type Graph, isAttrGraph, nodesOf } from "@adjoint/graph";

const loss = "its gradient is that of a loss";
const sample = "a sample is a constant";
const host = "its gradient is the user's";
const straight = "its gradient is that of the identity";

/** Operators whose gradient is not the derivative of their value, and why. */
export const decreed: Readonly<Record<string, string>> = {
  stopGradient: "its gradient is none",
  gradientMultiplier: "its gradient is a multiple",
  roundSte: straight,
  signSte: straight,
  makeLoss: "its gradient is a constant",
  SoftmaxOutput: loss,
  LinearRegressionOutput: loss,
  LogisticRegressionOutput: loss,
  MAERegressionOutput: loss,
  SVMOutput: loss,
  randomGamma: sample,
  poisson: sample,
  negativeBinomial: sample,
  generalizedNegativeBinomial: sample,
  customFunction: host,
  customFunctionBackward: host,
};

/** Why the gradient of a graph is not its derivative: the first such operator, in bodies as well. */
export function decreedIn(graph: Graph): string | undefined {
  for (const { op, attrs, types } of nodesOf(graph)) {
    if (decreed[op] !== undefined) return `${op}: ${decreed[op]}`;
    if (op === "cast" && types.some(({ dtype }) => dtype !== "float64"))
      return "cast: it rounds, or passes gradients through integers";
    for (const value of Object.values(attrs)) {
      const inside = isAttrGraph(value) ? decreedIn(value) : undefined;
      if (inside !== undefined) return inside;
    }
  }
  return undefined;
}
