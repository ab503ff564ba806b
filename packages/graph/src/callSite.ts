declare global {
  interface ErrorConstructor {
    // V8's; other engines ignore it. No documentation, as the types of Node have theirs.
    stackTraceLimit: number;
  }
}

/** Node's global; browsers have none. */
declare const process: { cwd?: () => string } | undefined;

/** The packages of this library, by their folders; frames in their sources are its own. */
const own = ["graph", "ops", "autograd", "runtime", "nd", "explorer", "cli", "adjoint"];

/** The folder that holds this package and its siblings, with forward slashes and a final one. */
const home = pathOf(new URL("../../", import.meta.url).href);

/** A file URL or path as a path with forward slashes. */
function pathOf(location: string): string {
  const path = location.startsWith("file://")
    ? decodeURIComponent(new URL(location).pathname)
    : location;
  return path.replaceAll("\\", "/").replace(/^\/(?=[A-Za-z]:\/)/, "");
}

function isOwn(path: string): boolean {
  if (path.includes("/node_modules/")) return true;
  if (!path.startsWith(home)) return false;
  const [name, folder] = path.slice(home.length).split("/");
  return own.some((one) => one === name) && (folder === "src" || folder === "dist");
}

const frame =
  /(?:\(|at (?:async )?|@)((?:file:\/\/|https?:\/\/|[A-Za-z]:[\\/]|\/)[^()]*?):(\d+):\d+\)?$/;

/** The working directory, where there is one. */
function workingDirectory(): string | undefined {
  return typeof process === "undefined" ? undefined : process.cwd?.();
}

function shorten(path: string): string {
  const cwd = workingDirectory();
  if (cwd === undefined) return path;
  const base = `${pathOf(cwd)}/`;
  return path.startsWith(base) ? path.slice(base.length) : path;
}

/** First frame of a stack that is neither this library's nor a dependency's, as `file:line`. */
export function siteIn(stack: string): string | undefined {
  for (const line of stack.split("\n")) {
    const match = frame.exec(line.trim());
    const [, location, row] = match ?? [];
    if (location === undefined || row === undefined) continue;
    const path = location.startsWith("http") ? location : pathOf(location);
    if (isOwn(path)) continue;
    return `${shorten(path)}:${row}`;
  }
  return undefined;
}

/** Frames between an operator and its emission; mapping each frame through source maps is what costs. */
const nearFrames = 16;
const farFrames = 100;

function stackOf(frames: number): string {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = frames;
  const { stack } = new Error();
  Error.stackTraceLimit = limit;
  return stack ?? "";
}

/**
 * The line of the user's code that led here, as `file:line`, relative to the working directory. Source maps count where
 * the host applies them to stacks. Costs microseconds: for errors and for paths seen the first time.
 */
export function callSite(): string | undefined {
  return siteIn(stackOf(nearFrames)) ?? siteIn(stackOf(farFrames));
}
