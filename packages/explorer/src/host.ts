import { createHash } from "node:crypto";
import { type FSWatcher, readFileSync, watch } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { basename, dirname } from "node:path";

export type { IncomingMessage, Server, ServerResponse };
export { createServer };

/** Files of the page as `npm run build` leaves them, beside both `src` and `dist`. */
const assets = new URL("../dist/page/", import.meta.url);

/** Text of a file of the page. */
export function assetText(name: "main.js" | "style.css" | "LICENSES.txt"): string {
  return readFileSync(new URL(name, assets), "utf8");
}

/** As a content security policy names a script or style: `'sha256-…'`. */
export function policyHash(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

/** Listens on this machine alone. Gives the port; 0 asks for a free one. */
export function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}

export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** Editors write a file in several steps; what they do within this many milliseconds is one change. */
const settling = 60;

/**
 * Calls `onChange` after each change of a file. Directories are watched rather than files, as many editors write a new
 * file and rename it, which ends a watch of the old one. Gives what ends it.
 */
export function watchFiles(paths: readonly string[], onChange: () => void): () => void {
  const names = new Map<string, Set<string>>();
  for (const path of paths) {
    const folder = names.get(dirname(path)) ?? new Set<string>();
    folder.add(basename(path));
    names.set(dirname(path), folder);
  }
  let timer: NodeJS.Timeout | undefined;
  const watchers = [...names].flatMap(([folder, files]): FSWatcher[] => {
    try {
      const watcher = watch(folder, (_event, name) => {
        // Some systems do not say which file it was.
        if (name !== null && !files.has(name)) return;
        clearTimeout(timer);
        timer = setTimeout(onChange, settling);
      });
      watcher.on("error", () => watcher.close());
      return [watcher];
    } catch {
      // The folder is gone; the next change of another file looks again.
      return [];
    }
  });
  return () => {
    clearTimeout(timer);
    for (const watcher of watchers) watcher.close();
  };
}
