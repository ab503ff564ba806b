import { type Block, readPage } from "./pages.js";

/** A command of a page, and what the page says that it prints. */
export interface CommandSample {
  /** Number of the line with the fence above the command, from 1. */
  readonly line: number;
  /** What follows `npx adjoint`. */
  readonly args: readonly string[];
  readonly prints: string;
}

/** The words of a command line; quotes hold words together. */
function wordsOf(command: string): string[] {
  return [...command.matchAll(/"([^"]*)"|\S+/g)].map(([word, quoted]) => quoted ?? word);
}

function sampleOf({ line, code }: Block, next: Block | undefined): CommandSample {
  const [npx, name, ...args] = wordsOf(code.join("\n"));
  if (npx !== "npx" || name !== "adjoint") throw new Error(`line ${line}: not a command`);
  return { line, args, prints: next?.language === "text" ? next.code.join("\n") : "" };
}

/** The commands of a page: blocks of `sh` with a `text` block right after each. */
export function commandSamples(path: string): CommandSample[] {
  const { blocks } = readPage(path);
  return blocks.flatMap((block, at) =>
    block.language === "sh" ? [sampleOf(block, blocks[at + 1])] : [],
  );
}

/** A text without what differs from run to run: times and shares of them. */
export function withoutTimes(text: string): string {
  return text.replace(/[\d.]+ [µm]?s, [\d.]+ %/g, "TIME").trimEnd();
}
