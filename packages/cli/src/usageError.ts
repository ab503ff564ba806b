/** The command line itself is wrong: exit code 2, where a failing program has 1. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
