export * from "./attrs.js";
export * from "./builder.js";
export { callSite, siteIn } from "./callSite.js";
export * from "./checkCall.js";
export * from "./constant.js";
export * from "./dtype.js";
export * from "./errors.js";
export * from "./graph.js";
export * from "./hash/hashGraph.js";
export * from "./hashBytes.js";
export * from "./json/fromJson.js";
export * from "./json/toJson.js";
export * from "./kernel.js";
export * from "./nearestName.js";
export * from "./op.js";
export { type Applied, callsHost } from "./passes/callsHost.js";
export * from "./passes/commonSubexpressions.js";
export * from "./passes/constantFolding.js";
export * from "./passes/deadCode.js";
export * from "./passes/lower.js";
export { parseText, parseTexts } from "./parse/parseText.js";
export { TextError } from "./parse/textError.js";
export {
  type Decoration,
  mergeDecorations,
  type RowMarks,
} from "./print/decoration.js";
export type { JointGraphs, Printable } from "./print/printable.js";
export * from "./print/toDot.js";
export { toMermaid } from "./print/toMermaid.js";
export * from "./print/toText.js";
export * from "./refTable.js";
export * from "./registry.js";
export * from "./rewrite/graphEditor.js";
export * from "./rewrite/rewritePass.js";
export { type NodeView, type RewriteTools, sameValue } from "./rewrite/rewriteTools.js";
export * from "./rewrite/runPasses.js";
export * from "./rewrite/topologicalOrder.js";
export * from "./scalar.js";
export * from "./type.js";
export * from "./verify/verify.js";
export { around } from "./views/around.js";
export { collapseScopes } from "./views/collapseScopes.js";
export { countDifferences, type DiffOptions, diffGraphs } from "./views/diffGraphs.js";
export type { GraphDiff, OutputChange, RowAspect, RowChange } from "./views/graphDiff.js";
export type { GraphView, JointViews, RowGroup } from "./views/graphView.js";
export { selectNodes } from "./views/selectNodes.js";
