import type { ContractLibrary } from "../contract/contractModule.js";
import type { WindowLibrary } from "./windowModule.js";

/** The functions that windows need, both for one type of element, one shape and one memory. */
export interface WindowLibraries {
  readonly contract: ContractLibrary;
  readonly window: WindowLibrary;
}
