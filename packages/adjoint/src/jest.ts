/** A matcher of graphs for Jest and Vitest. */
export {
  type GraphMatchers,
  type MatcherContext,
  type MatcherResult,
  toMatchGraph,
} from "@adjoint/cli/jest";
