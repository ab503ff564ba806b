import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

export { basename, dirname, extname, parse, resolve } from "node:path";

/** What is at a path; undefined for nothing. */
export function entryAt(path: string): "file" | "other" | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  return stats.isFile() ? "file" : "other";
}

/** Names in a directory; none where there is no such directory. */
export function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

export function readText(path: string | URL): string {
  return readFileSync(path, "utf8");
}

export function writeText(path: string, text: string): void {
  writeFileSync(path, text);
}

/** The address that `import` takes for a path. */
export function urlOf(path: string): string {
  return pathToFileURL(path).href;
}

/** Where a module finds a package; undefined where it finds none. */
export function packageSeenFrom(modulePath: string, name: string): string | undefined {
  try {
    return createRequire(modulePath).resolve(name);
  } catch {
    return undefined;
  }
}
