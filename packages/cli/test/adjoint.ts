import { type ChildProcess, execFile, fork } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The folder that commands run in. */
export const fixtures = fileURLToPath(new URL("fixtures", import.meta.url));

const bin = fileURLToPath(new URL("../bin/adjoint.js", import.meta.url));
const lines = fileURLToPath(new URL("lines.mjs", import.meta.url));

/** What a finished command left. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built command `adjoint` in a process of its own, in the fixtures' folder or another. */
export function spawned(
  args: readonly string[],
  input = "",
  folder: string = fixtures,
): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [bin, ...args],
      { cwd: folder, maxBuffer: 2 ** 26 },
      (_error, stdout, stderr) => resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
    child.stdin?.end(input);
  });
}

/** Runs command lines one after the other in one process, so that none waits for Node and the library to start. */
class Server {
  private readonly waiting = new Map<number, (outcome: Outcome) => void>();
  private child: ChildProcess | undefined;

  constructor(private readonly folder: string) {}

  run(args: readonly string[]): Promise<Outcome> {
    return new Promise((resolve) => {
      const id = this.waiting.size;
      this.waiting.set(id, resolve);
      this.started().send({ id, args });
    });
  }

  stop(): void {
    this.child?.kill();
  }

  private started(): ChildProcess {
    if (this.child !== undefined) return this.child;
    this.child = fork(lines, { cwd: this.folder, execArgv: [] });
    this.child.on("message", ({ id, outcome }: { id: number; outcome: Outcome }) => {
      this.waiting.get(id)?.(outcome);
    });
    return this.child;
  }
}

/** Runs command lines of the built command in a folder, as long as the tests of the file go on. */
export function adjointIn(folder: string): (...args: readonly string[]) => Promise<Outcome> {
  const server = new Server(folder);
  afterAll(() => server.stop());
  return (...args) => server.run(args);
}

/** Runs a command line of the built command in the fixtures' folder, after all before. */
export const adjoint = adjointIn(fixtures);

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
