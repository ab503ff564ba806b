export { explorerPage } from "./server/document.js";
export {
  type Explorer,
  type ExplorerOptions,
  type Loaded,
  serveExplorer,
} from "./server/serveExplorer.js";
export { describeProgram, type ProgramContext, type Recorded } from "./session/describeProgram.js";
export { describeTrace } from "./session/describeTrace.js";
export type { Failure, Outcome, Program, Session, TraceData } from "./session/session.js";
