import { type ChildProcess, fork, spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";

export { basename, dirname, extname, join, parse, resolve } from "node:path";

export type { ChildProcess };

/** Another process of this program, with which messages are exchanged; what it prints goes to standard error. */
export function forkOwn(name: string): ChildProcess {
  return fork(ownFile(name), { stdio: ["ignore", 2, 2, "ipc"], serialization: "advanced" });
}

/** Shows an address in the browser of whoever sits here; what opens it may be missing. */
export function openInBrowser(url: string): void {
  const openers: { readonly [system: string]: readonly [string, ...string[]] } = {
    darwin: ["open", url],
    win32: ["cmd", "/c", "start", "", url],
  };
  const [command, ...args] = openers[process.platform] ?? ["xdg-open", url];
  const child = spawn(command, args, { stdio: "ignore", detached: true });
  child.on("error", () => {});
  child.unref();
}

/** Paths of the CommonJS modules that this process has loaded, TypeScript without `"type": "module"` among them. */
export function requiredFiles(): string[] {
  return Object.keys(createRequire(import.meta.url).cache);
}

/** The path of a file address; undefined for other addresses. */
export function pathOfUrl(url: string): string | undefined {
  return url.startsWith("file:") ? fileURLToPath(url.replace(/[?#].*$/, "")) : undefined;
}

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

/** What comes in on standard input, to its end. */
export function readStandardInput(): string {
  return readFileSync(0, "utf8");
}

export function readBytes(path: string): Uint8Array {
  return readFileSync(path);
}

/** Makes a folder and those that it lies in, where they are missing. */
export function makeFolder(path: string): void {
  mkdirSync(path, { recursive: true });
}

export function writeContent(path: string, content: string | Uint8Array): void {
  writeFileSync(path, content);
}

/** The path of a file that a package of this library's own dependencies carries. */
export function dependencyFile(name: string): string {
  return createRequire(import.meta.url).resolve(name);
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

/** The path of a file of this package, beside this one. */
export function ownFile(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}
