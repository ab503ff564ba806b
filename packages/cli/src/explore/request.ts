import { UsageError, wholeNumber } from "../usageError.js";

/** What `adjoint explore` was asked for. */
export interface ExploreRequest {
  /** `MODULE`, `MODULE#export` or a graph file. */
  readonly source: string;
  readonly args: readonly string[];
  /** Arguments of further calls, for the trace tree. */
  readonly again: readonly (readonly string[])[];
  /** 0 for a free one. */
  readonly port: number;
  readonly open: boolean;
  /** Write a page here rather than serve one. */
  readonly html: string | undefined;
}

/** The options as commander gives them. */
export interface ExploreOptions {
  readonly arg?: readonly string[];
  readonly again?: readonly string[];
  readonly port?: string;
  readonly open?: true;
  readonly html?: string;
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}

/**
 * Reads the options.
 *
 * @throws UsageError for options that make no sense together
 */
export function readExploreRequest(source: string, options: ExploreOptions): ExploreRequest {
  const { arg = [], again = [], port, open = false, html } = options;
  if (source === "-") throw new UsageError("explore follows a file; standard input has no changes");
  if (html !== undefined && (open || port !== undefined)) {
    throw new UsageError("--html writes a file; leave out --open and --port");
  }
  return {
    source,
    args: arg,
    again: again.map(words),
    port: port === undefined ? 0 : wholeNumber("--port", port, 0, 65535),
    open,
    html,
  };
}
