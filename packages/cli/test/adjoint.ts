import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The folder that commands run in. */
export const fixtures = fileURLToPath(new URL("fixtures", import.meta.url));

const bin = fileURLToPath(new URL("../dist/main.js", import.meta.url));

/** What a finished command left. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built command `adjoint` in the fixtures' folder. */
export function adjoint(...args: readonly string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [bin, ...args],
      { cwd: fixtures },
      (_error, stdout, stderr) => resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
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
