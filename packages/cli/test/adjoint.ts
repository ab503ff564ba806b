import { type ChildProcess, execFile, fork } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The folder that commands run in. */
export const fixtures = fileURLToPath(new URL("fixtures", import.meta.url));

const bin = fileURLToPath(new URL("../dist/main.js", import.meta.url));
const lines = fileURLToPath(new URL("lines.mjs", import.meta.url));

/** What a finished command left. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built command `adjoint` in a process of its own, in the fixtures' folder. */
export function spawned(args: readonly string[], input = ""): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [bin, ...args],
      { cwd: fixtures, maxBuffer: 2 ** 26 },
      (_error, stdout, stderr) => resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
    child.stdin?.end(input);
  });
}

const waiting = new Map<number, (outcome: Outcome) => void>();
let server: ChildProcess | undefined;

/** The process that runs the command lines of a test file, so that none waits for Node and the library to start. */
function started(): ChildProcess {
  if (server !== undefined) return server;
  const child = fork(lines, { cwd: fixtures, execArgv: [] });
  child.on("message", ({ id, outcome }: { id: number; outcome: Outcome }) => {
    waiting.get(id)?.(outcome);
  });
  server = child;
  return child;
}

afterAll(() => {
  server?.kill();
});

/** Runs a command line of the built command in the fixtures' folder, after all before. */
export function adjoint(...args: readonly string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    const id = waiting.size;
    waiting.set(id, resolve);
    started().send({ id, args });
  });
}

async function successful(args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await adjoint(...args);
  if (code !== 0) throw new Error(`exit code ${code}: ${stderr}`);
  return stdout;
}

const known = new Map<string, Promise<string>>();

/** What a command printed that must succeed. The same command runs once. */
export function printed(...args: readonly string[]): Promise<string> {
  const key = JSON.stringify(args);
  const result = known.get(key) ?? successful(args);
  known.set(key, result);
  return result;
}
