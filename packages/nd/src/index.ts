export type { IndexKey, NestedIndices, RangeKey } from "./array/indexKey.js";
export { type BackwardOptions, type GradReq, NDArray } from "./array/ndarray.js";
export * as autograd from "./autograd.js";
export { type Compiled, type CompileOptions, compile } from "./compile/compile.js";
export type { CompiledPath, PathRead } from "./compile/compiledPath.js";
export type { Cause, CompileCounts, Explanation, Retrace } from "./compile/explanation.js";
export * as engine from "./engine.js";
export type { ModeScope } from "./modes.js";
export * as nd from "./nd.js";
export type { Counts } from "./recording/counts.js";
export type { RecordedGraphs, Recording } from "./recordedGraphs.js";
export type {
  GuardOutcome,
  TraceBranch,
  TraceGuard,
  TraceLiteral,
  TraceStep,
  TraceTree,
} from "./traceTree.js";
