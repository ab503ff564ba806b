import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { format } from "node:util";
import { jest } from "@jest/globals";
import ts from "typescript";
import type { Results } from "../bench/results.js";
import { differences, differencesPage } from "../scripts/differences.js";
import { newestResults, performancePage } from "../scripts/performance.js";
import {
  type Page,
  pageExists,
  quotesOf,
  readPage,
  root,
  samplesOf,
  splitOutput,
  writeProgram,
} from "./pages.js";

const pages = [
  "README.md",
  "CONTRIBUTING.md",
  "docs/tutorial.md",
  "docs/pitfalls.md",
  "docs/graphs.md",
  "docs/dump.md",
  "docs/transforms.md",
  "docs/compile.md",
]
  .filter(pageExists)
  .map(readPage);

/** Runs a page's program on a library that nobody has used yet, and gives what it printed. */
async function run(page: Page): Promise<string[]> {
  const file = writeProgram(page);
  const printed: string[] = [];
  jest.resetModules();
  const log = jest.spyOn(console, "log").mockImplementation((...args) => {
    printed.push(format(...args));
  });
  try {
    await import(pathToFileURL(file).href);
  } finally {
    log.mockRestore();
  }
  return splitOutput(page, printed);
}

describe("pages", () => {
  test.each(pages.map((page) => [page.path, page] as const))(
    "%s: each sample prints what stands below it",
    async (_, page) => {
      const printed = await run(page);
      const samples = samplesOf(page);
      const found = samples.map(({ line }, at) => ({ line, prints: printed[at] }));
      expect(found).toEqual(samples.map(({ line, prints }) => ({ line, prints })));
    },
  );

  test("samples compile under strict", () => {
    const settings = { strict: true, noEmit: true, skipLibCheck: true, types: ["node"] };
    const program = ts.createProgram(pages.map(writeProgram), {
      ...settings,
      target: ts.ScriptTarget.ES2022,
      lib: ["lib.es2022.d.ts", "lib.esnext.disposable.d.ts"],
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
    });
    const problems = ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
      const row = file === undefined ? 0 : file.getLineAndCharacterOfPosition(start ?? 0).line + 1;
      return `${file?.fileName}:${row} ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
    });
    expect(problems).toEqual([]);
  });

  test.each(
    pages.flatMap((page) => quotesOf(page).map((quote) => [page.path, quote.path, quote] as const)),
  )("%s quotes %s as it is", (_page, path, { parts }) => {
    const source = readFileSync(join(root, path), "utf8");
    expect(parts.filter((part) => !source.includes(part))).toEqual([]);
  });

  test.each(pages.map(({ path }) => [path]))("%s links to files that exist", (path) => {
    const text = readFileSync(join(root, path), "utf8").replaceAll(/^```.*?^```/gms, "");
    const targets = [...text.matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)].map(([, to = ""]) =>
      join(path, "..", to),
    );
    expect(targets.filter((target) => !pageExists(target))).toEqual([]);
  });
});

test("docs/differences.md is made from docs/differences.json", () => {
  expect(readFileSync(join(root, "docs/differences.md"), "utf8")).toBe(
    differencesPage(differences),
  );
});

test("docs/performance.md is made from the newest results, and there only with them", () => {
  const file = newestResults();
  const page = join(root, "docs/performance.md");
  const made = file === undefined ? undefined : performancePage(resultsIn(file), file);
  expect(existsSync(page) ? readFileSync(page, "utf8") : undefined).toBe(made);
});

function resultsIn(file: string): Results {
  return JSON.parse(readFileSync(file, "utf8"));
}
