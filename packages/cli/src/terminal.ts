import { writeContent } from "./host.js";
import { UsageError } from "./usageError.js";

/** A line for whoever runs the command. */
export function tell(message: string): void {
  process.stderr.write(`adjoint: ${message}\n`);
}

/** Runs `body` with everything that the user's program prints on standard output sent to standard error. */
export async function divertOutput<R>(body: () => Promise<R>): Promise<R> {
  const { write } = process.stdout;
  process.stdout.write = process.stderr.write.bind(process.stderr);
  try {
    return await body();
  } finally {
    process.stdout.write = write;
  }
}

/**
 * Writes a file and says so.
 *
 * @throws UsageError where it cannot be written
 */
export function writeOutput(file: string, content: string | Uint8Array): void {
  try {
    writeContent(file, content);
  } catch (error) {
    throw new UsageError(`cannot write ${file}: ${error instanceof Error ? error.message : error}`);
  }
  tell(`wrote ${file}`);
}

/** Whoever reads our output may stop, as `head` does; that is no failure. */
export function allowClosedOutput(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit(0);
  });
}

/** Ends the process once all output is through; the user's program may have left timers or servers behind. */
export function exit(code: number): void {
  process.stdout.write("", () => process.exit(code));
}
