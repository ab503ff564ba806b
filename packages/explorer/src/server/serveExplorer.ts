import {
  assetText,
  closeServer,
  createServer,
  type IncomingMessage,
  listen,
  type Server,
  type ServerResponse,
  watchFiles,
} from "../host.js";
import type { Session } from "../session/session.js";
import { servedDocument, servedPolicy } from "./document.js";
import { refusalOf } from "./refusal.js";

/** A session, and the files that it came from. */
export interface Loaded {
  readonly session: Session;
  /** Absolute paths; a change of one makes the session anew. */
  readonly files: readonly string[];
}

export interface ExplorerOptions {
  /** Makes the session: at the start, and after each change of a file. Failures of the program are sessions too. */
  load(): Promise<Loaded>;
  /** Default 0: a free one. */
  readonly port?: number | undefined;
  /** Told after each load. */
  onLoad?(session: Session): void;
}

/** A running server. */
export interface Explorer {
  /** `http://127.0.0.1:PORT/`. */
  readonly url: string;
  close(): Promise<void>;
}

interface Content {
  readonly type: string;
  text(): string;
}

const headers = {
  "Content-Security-Policy": servedPolicy,
  "X-Content-Type-Options": "nosniff",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  "Cache-Control": "no-store",
};

class ExplorerServer {
  private readonly server: Server = createServer((request, response) =>
    this.answer(request, response),
  );
  private readonly listeners = new Set<ServerResponse>();
  private readonly contents: ReadonlyMap<string, Content>;
  private port = 0;
  private loads = 0;
  private session = "";
  private title = "";
  private endWatch: () => void = () => {};

  constructor(private readonly options: ExplorerOptions) {
    const asset = (name: "main.js" | "style.css" | "LICENSES.txt", type: string): Content => {
      const text = assetText(name);
      return { type, text: () => text };
    };
    this.contents = new Map<string, Content>([
      ["/", { type: "text/html", text: () => servedDocument(this.title) }],
      ["/main.js", asset("main.js", "text/javascript")],
      ["/style.css", asset("style.css", "text/css")],
      ["/LICENSES.txt", asset("LICENSES.txt", "text/plain")],
      ["/session.json", { type: "application/json", text: () => this.session }],
    ]);
  }

  async start(): Promise<Explorer> {
    await this.reload();
    this.port = await listen(this.server, this.options.port ?? 0);
    return { url: `http://127.0.0.1:${this.port}/`, close: () => this.close() };
  }

  private async reload(): Promise<void> {
    const mine = ++this.loads;
    const { session, files } = await this.options.load();
    // A later change has overtaken this one.
    if (mine !== this.loads) return;
    this.session = JSON.stringify(session);
    this.title = session.title;
    this.endWatch();
    this.endWatch = watchFiles(files, () => void this.reload());
    this.options.onLoad?.(session);
    for (const response of this.listeners) response.write("event: session\ndata: new\n\n");
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const { host, origin } = request.headers;
    const site = request.headers["sec-fetch-site"];
    const facts = { method: request.method, host, origin, site: site?.toString() };
    const refusal = refusalOf(facts, this.port);
    // The path is only looked up among a few names; none is ever opened.
    const content = this.contents.get(request.url ?? "");
    if (refusal !== undefined) this.end(response, refusal.status, refusal.reason);
    else if (request.url === "/events") this.follow(response);
    else if (content === undefined) this.end(response, 404, "no such page");
    else {
      response.writeHead(200, { ...headers, "Content-Type": `${content.type}; charset=utf-8` });
      response.end(request.method === "HEAD" ? undefined : content.text());
    }
  }

  private end(response: ServerResponse, status: number, reason: string): void {
    response.writeHead(status, { ...headers, "Content-Type": "text/plain; charset=utf-8" });
    response.end(`${reason}\n`);
  }

  private follow(response: ServerResponse): void {
    response.writeHead(200, { ...headers, "Content-Type": "text/event-stream" });
    // Whoever comes back after an interruption may have missed something.
    response.write("retry: 1000\n\nevent: session\ndata: first\n\n");
    this.listeners.add(response);
    response.on("close", () => this.listeners.delete(response));
  }

  private async close(): Promise<void> {
    this.loads++;
    this.endWatch();
    await closeServer(this.server);
  }
}

/**
 * Serves the page on 127.0.0.1 and keeps it up to date with the files that the session came from. Answers only requests
 * that name this machine as their host and come from the page itself, and only for the page's own few files.
 *
 * @throws what `load` throws at the start; an error of the system where the port is taken
 */
export function serveExplorer(options: ExplorerOptions): Promise<Explorer> {
  return new ExplorerServer(options).start();
}
