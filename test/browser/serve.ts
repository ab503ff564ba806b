import { execFile } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("../..", import.meta.url));
const esbuild = fileURLToPath(new URL("../../node_modules/.bin/esbuild", import.meta.url));

/** Content by path, `/main.js`. */
export type Pages = { readonly [path: string]: string };

export interface ServeOptions {
  /** Send the headers under which a page has `SharedArrayBuffer` and threads. */
  readonly isolated?: boolean;
}

/** A server on this machine. */
export interface Site {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly origin: string;
  close(): Promise<void>;
}

/** A document that runs `/main.js`. */
export const document = `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8"><title>test</title><link rel="icon" href="data:,"></head>
  <body><script type="module" src="/main.js"></script></body>
</html>
`;

const types: { readonly [ending: string]: string } = {
  js: "text/javascript",
  html: "text/html",
  json: "application/json",
};

const isolation = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

/** Serves texts on a free port. `/` is `/index.html`. */
export async function serve(pages: Pages, { isolated = false }: ServeOptions = {}): Promise<Site> {
  const server = createServer((request, response) => {
    const path = request.url === "/" ? "/index.html" : (request.url ?? "");
    const content = Object.hasOwn(pages, path) ? pages[path] : undefined;
    const type = types[path.split(".").at(-1) ?? ""] ?? "text/plain";
    response.writeHead(content === undefined ? 404 : 200, {
      "Content-Type": type,
      ...(isolated ? isolation : {}),
    });
    response.end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A test that fails before it closes its site still lets the process end.
  server.unref();
  const address: AddressInfo | string | null = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return {
    origin: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)));
        server.closeAllConnections();
      }),
  };
}

/**
 * A TypeScript or JavaScript file and what it imports as one module for browsers. Packages of this workspace are those
 * that `npm run build` left.
 *
 * @param entry relative to the repository
 */
export async function bundle(entry: string): Promise<string> {
  const args = [entry, "--bundle", "--format=esm", "--platform=browser"];
  const { stdout } = await promisify(execFile)(esbuild, args, { cwd: root, maxBuffer: 2 ** 26 });
  return stdout;
}
