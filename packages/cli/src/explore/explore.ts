import {
  type Explorer,
  explorerPage,
  type Failure,
  type Loaded,
  serveExplorer,
} from "@adjoint/explorer";
import { type ChildProcess, forkOwn, openInBrowser } from "../host.js";
import { findSource } from "../source/findSource.js";
import { tell, writeOutput } from "../terminal.js";
import { UsageError } from "../usageError.js";
import type { Made } from "./makeSession.js";
import type { ExploreRequest } from "./request.js";

/** Makes sessions, one at a time: a new one ends the one before, which may be caught in a loop. */
class Sessions {
  private current: ChildProcess | undefined;

  constructor(private readonly request: ExploreRequest) {}

  make(): Promise<Made> {
    this.stop();
    const child = forkOwn("explore/worker.js");
    this.current = child;
    return new Promise((resolve) => {
      child.once("message", (made: Made) => resolve(made));
      child.once("exit", (code) => resolve(this.ended(code)));
      child.send(this.request);
    });
  }

  stop(): void {
    this.current?.kill("SIGKILL");
    this.current = undefined;
  }

  /** What is shown where the program ended the process that ran it. */
  private ended(code: number | null): Made {
    const { source } = this.request;
    const message = `The program ended its process${code === null ? "" : ` with exit code ${code}`}.`;
    return {
      session: {
        title: source,
        command: `adjoint explore ${source}`,
        outcome: { kind: "failure", failure: { message } },
      },
      files: [findSource(source).path],
      isUsage: false,
    };
  }
}

function refuseUsage({ isUsage, session: { outcome } }: Made): void {
  if (isUsage && outcome.kind === "failure") throw new UsageError(outcome.failure.message);
}

/** False where there is no program to write. */
async function writePage(request: ExploreRequest, file: string): Promise<boolean> {
  const made = await new Sessions(request).make();
  refuseUsage(made);
  const { session } = made;
  if (session.outcome.kind === "failure") {
    tell(failureText(session.outcome.failure));
    return false;
  }
  writeOutput(file, explorerPage(session));
  return true;
}

/** What went wrong, with the line of the user's code. */
function failureText({ message, site }: Failure): string {
  return site === undefined || message.includes(site) ? message : `${message}; ${site}`;
}

/** Serves until the process is told to end. */
async function serve(request: ExploreRequest): Promise<Explorer> {
  const sessions = new Sessions(request);
  let files: readonly string[] = [];
  let isFirst = true;
  const load = async (): Promise<Loaded> => {
    const made = await sessions.make();
    if (isFirst) refuseUsage(made);
    isFirst = false;
    // A module that fails early has not told what it imports; what it imported before counts.
    const isWhole = made.session.outcome.kind === "program";
    files = isWhole ? made.files : [...new Set([...files, ...made.files])];
    return { session: made.session, files };
  };
  const explorer = await serveExplorer({
    load,
    port: request.port,
    onLoad: ({ outcome }) => {
      if (outcome.kind === "failure") tell(failureText(outcome.failure));
    },
  });
  return {
    url: explorer.url,
    close: () => {
      sessions.stop();
      return explorer.close();
    },
  };
}

/**
 * `adjoint explore`: writes a page, or serves one until the process is interrupted. False where the program failed and
 * nothing was written.
 *
 * @throws UsageError for a request that makes no sense
 */
export async function explore(request: ExploreRequest): Promise<boolean> {
  findSource(request.source);
  if (request.html !== undefined) return writePage(request, request.html);
  const { url, close } = await serve(request);
  process.stdout.write(`${url}\n`);
  tell("serving until interrupted (Ctrl+C)");
  if (request.open) openInBrowser(url);
  await new Promise<void>((resolve) => {
    process.once("SIGINT", resolve);
    process.once("SIGTERM", resolve);
  });
  await close();
  return true;
}
