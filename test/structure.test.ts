import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const packages = fileURLToPath(new URL("../packages", import.meta.url));

/** Who may import whom: docs/architecture.md. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  graph: ["immer"],
  ops: ["@adjoint/graph"],
  autograd: ["@adjoint/graph", "@adjoint/ops"],
  runtime: ["@adjoint/graph", "#engine"],
  nd: [
    "@adjoint/graph",
    "@adjoint/ops",
    "@adjoint/ops/fronts",
    "@adjoint/autograd",
    "@adjoint/runtime",
    "#files",
    "fflate",
  ],
  explorer: [
    "@adjoint/graph",
    "@adjoint/ops",
    "@adjoint/autograd",
    "@adjoint/runtime",
    "@adjoint/nd",
    // Bundled into the page.
    "@viz-js/viz",
    "d3-selection",
    "d3-zoom",
    "preact",
    "preact/compat",
    "preact/hooks",
  ],
  cli: [
    "@adjoint/graph",
    "@adjoint/ops",
    "@adjoint/autograd",
    "@adjoint/runtime",
    "@adjoint/nd",
    "@resvg/resvg-wasm",
    "@viz-js/viz",
    "@adjoint/explorer",
    "commander",
    "tsx/esm/api",
  ],
  adjoint: [
    "@adjoint/graph",
    "@adjoint/ops",
    "@adjoint/autograd",
    "@adjoint/runtime",
    "@adjoint/nd",
    "@adjoint/cli",
    "@adjoint/cli/jest",
  ],
};

interface Import {
  readonly file: string;
  readonly from: string;
}

function sourcesOf(name: string): string[] {
  const folder = join(packages, name, "src");
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => join(folder, file));
}

function importsOf(file: string): Import[] {
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest);
  const found: Import[] = [];
  source.forEachChild((node) => {
    if (!ts.isImportDeclaration(node) && !ts.isExportDeclaration(node)) return;
    const target = node.moduleSpecifier;
    if (target === undefined || !ts.isStringLiteral(target)) return;
    found.push({ file, from: target.text });
  });
  return found;
}

const names = Object.keys(allowed);
const imports = new Map(names.map((name) => [name, sourcesOf(name).flatMap(importsOf)]));

describe("packages", () => {
  test.each(names)("%s imports only what lies below it", (name) => {
    const outside = (imports.get(name) ?? [])
      .filter(({ from }) => !from.startsWith(".") && !from.startsWith("node:"))
      .filter(({ from }) => !allowed[name]?.includes(from));
    expect(outside.map(({ file, from }) => `${relative(packages, file)} imports ${from}`)).toEqual(
      [],
    );
  });

  test("at most one small file per package imports node:*", () => {
    for (const [name, all] of imports) {
      const files = new Set(
        all.filter(({ from }) => from.startsWith("node:")).map(({ file }) => file),
      );
      const listed = [...files].map((file) => relative(packages, file));
      expect({ name, listed, count: listed.length <= 1 }).toEqual({ name, listed, count: true });
      for (const file of files) {
        expect(readFileSync(file, "utf8").split("\n").length).toBeLessThan(120);
      }
    }
  });
});

describe("files", () => {
  test("no import cycle, not even of types", () => {
    const edges = new Map<string, string[]>();
    for (const { file, from } of [...imports.values()].flat()) {
      if (!from.startsWith(".")) continue;
      const path = join(dirname(file), from.replace(/\.js$/, ""));
      const target = [`${path}.ts`, `${path}.tsx`].find((one) => existsSync(one)) ?? path;
      edges.set(file, [...(edges.get(file) ?? []), target]);
    }
    expect(cycleIn(edges)?.map((file) => relative(packages, file))).toBeUndefined();
  });

  test("none is longer than 500 lines", () => {
    const long = names
      .flatMap(sourcesOf)
      .filter((file) => readFileSync(file, "utf8").split("\n").length > 500);
    expect(long.map((file) => relative(packages, file))).toEqual([]);
  });
});

/** Files that import each other in a ring; undefined where there are none. */
function cycleIn(edges: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): string[] | undefined => {
    if (done.has(file)) return undefined;
    const start = path.indexOf(file);
    if (start >= 0) return [...path.slice(start), file];
    path.push(file);
    for (const next of edges.get(file) ?? []) {
      const cycle = visit(next);
      if (cycle !== undefined) return cycle;
    }
    path.pop();
    done.add(file);
    return undefined;
  };
  for (const file of edges.keys()) {
    const cycle = visit(file);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}
