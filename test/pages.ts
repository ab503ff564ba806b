import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

/** Where the programs of pages are written; git ignores it. */
export const folder = join(root, "out", "docs-test");

/** A fenced block of a Markdown page. */
export interface Block {
  readonly language: string;
  /** What follows the language on the fence line. */
  readonly info: string;
  /** Number of the fence line, from 1. */
  readonly line: number;
  readonly code: readonly string[];
}

/** A block of code with what the page says that it prints. */
export interface Sample {
  readonly line: number;
  readonly code: readonly string[];
  readonly prints: string;
}

export interface Page {
  /** Relative to the repository. */
  readonly path: string;
  readonly blocks: readonly Block[];
}

/** The page at a path of the repository. */
export function readPage(path: string): Page {
  return { path, blocks: blocksOf(readFileSync(join(root, path), "utf8")) };
}

export function pageExists(path: string): boolean {
  return existsSync(join(root, path));
}

/** The fenced blocks of a Markdown text. */
export function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = [];
  let open: { language: string; info: string; line: number; code: string[] } | undefined;
  markdown.split("\n").forEach((text, at) => {
    if (!text.startsWith("```")) {
      open?.code.push(text);
    } else if (open === undefined) {
      const [language = "", ...info] = text.slice(3).trim().split(/\s+/);
      open = { language, info: info.join(" "), line: at + 1, code: [] };
    } else {
      blocks.push(open);
      open = undefined;
    }
  });
  if (open !== undefined) throw new Error(`block from line ${open.line} on has no end`);
  return blocks;
}

/** The blocks that run, in order. Without a `text` block right after it, code prints nothing. */
export function samplesOf({ blocks }: Page): Sample[] {
  return blocks.flatMap(({ language, info, line, code }, at) => {
    if (language !== "ts" || info !== "") return [];
    const next = blocks[at + 1];
    return [{ line, code, prints: next?.language === "text" ? tidy(next.code.join("\n")) : "" }];
  });
}

/** Blocks that quote a file of the repository: `ts from=path`. A line `// ...` stands for lines left out. */
export function quotesOf({ blocks }: Page): { path: string; line: number; parts: string[] }[] {
  return blocks.flatMap(({ info, line, code }) => {
    const [, path] = /^from=(\S+)$/.exec(info) ?? [];
    if (path === undefined) return [];
    const parts = code.join("\n").split(/^\s*\/\/ \.\.\.$/m);
    return [{ path, line, parts: parts.map((part) => part.replace(/^\n+|\s+$/g, "")) }];
  });
}

/** Says in a program's output where the next block begins. */
const marker = "\u0000block";

/**
 * Writes all samples of a page as one module, each line where it stands on the page, so that a line number in an error
 * is one of the page.
 *
 * @returns the file's path
 */
export function writeProgram(page: Page): string {
  const lines: string[] = [];
  for (const { line, code } of samplesOf(page)) {
    while (lines.length < line - 1) lines.push("");
    lines.push(`console.log(${JSON.stringify(marker)});`, ...code);
  }
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${basename(page.path, ".md")}.ts`);
  writeFileSync(file, `${lines.join("\n")}\nexport {};\n`);
  return file;
}

/**
 * What each sample printed. Lines of the user's code in printed graphs are counted within the sample, as if it were a
 * file `model.ts`.
 */
export function splitOutput(page: Page, printed: readonly string[]): string[] {
  const name = basename(page.path, ".md");
  const site = new RegExp(`\\bout/docs-test/${name}\\.ts:(\\d+)`, "g");
  const samples = samplesOf(page);
  const lineOf = (row: number): number =>
    row - Math.max(0, ...samples.map(({ line }) => line).filter((line) => line < row));
  const parts = printed.join("\n").split(marker).slice(1);
  return parts.map((part) =>
    tidy(part.replaceAll(site, (_, row) => `model.ts:${lineOf(Number(row))}`)),
  );
}

/** Blank lines around a text and blanks at line ends do not count. */
function tidy(text: string): string {
  return text
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n")
    .replace(/^\n+|\n+$/g, "");
}
