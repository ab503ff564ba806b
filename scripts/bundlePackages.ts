/**
 * Bundles each package's sources to one module per entry, beside the declarations that `tsc` wrote: a process that
 * imports `adjoint` opens a dozen files, not hundreds. Packages stay modules of their own, so that classes and the session are the
 * same whichever of them is imported. What a package does not name among its dependencies goes into its bundles, with
 * its licence beside them. Part of `npm run build`.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, type BuildResult, build } from "esbuild";
import { licenceNotices } from "./licenceNotices.js";
import { packagesIn } from "./packagesIn.js";

interface PackageFile {
  readonly dependencies?: { readonly [name: string]: string };
  readonly exports: { readonly [entry: string]: { readonly default: string } };
  readonly imports?: { readonly [entry: string]: { readonly [condition: string]: string } };
}

/** Scripts that a package opens by their path: a process of its own, text for a page. */
const openedByPath: { readonly [name: string]: readonly string[] } = {
  cli: ["src/explore/worker.ts", "src/render/page/page.ts"],
};

const root = fileURLToPath(new URL("..", import.meta.url));
const packages = join(root, "packages");

interface Entries {
  /** What others import or start. They share code, which becomes chunks. */
  readonly shared: readonly string[];
  /** The files of which the host decides which is imported. They share none. */
  readonly platforms: readonly string[];
  /** What is imported from other packages when the bundle runs. */
  readonly external: readonly string[];
}

function sourceOf(script: string): string {
  return script.replace("./dist/", "src/").replace(/\.js$/, ".ts");
}

/** The scripts that a package names in `package.json`, as their sources. */
function entriesOf(folder: string): Entries {
  const file: PackageFile = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const exported = Object.values(file.exports).map((entry) => entry.default);
  const imported = Object.values(file.imports ?? {}).flatMap((entry) => Object.values(entry));
  return {
    shared: [...exported.map(sourceOf), ...(openedByPath[basename(folder)] ?? [])],
    platforms: imported.map(sourceOf),
    // `#engine` is another file in browsers.
    external: [...Object.keys(file.dependencies ?? {}), "node:*", "#*"],
  };
}

/** Removes scripts of earlier builds; declarations and pages stay. */
function removeScripts(dist: string): void {
  for (const path of readdirSync(dist, { recursive: true, encoding: "utf8" })) {
    if (path.startsWith("page") || !/\.js(\.map)?$/.test(path)) continue;
    rmSync(join(dist, path));
  }
}

async function bundlePackage(folder: string): Promise<void> {
  removeScripts(join(folder, "dist"));
  const { shared, platforms, external } = entriesOf(folder);
  const options: BuildOptions & { readonly metafile: true } = {
    absWorkingDir: folder,
    outdir: "dist",
    outbase: "src",
    bundle: true,
    external: [...external],
    platform: "neutral",
    define: { "process.env.NODE_ENV": JSON.stringify("production") },
    format: "esm",
    target: "es2022",
    // Half as much to read at each start. Names stay, and so do lines: Node prints the one that threw.
    minifyWhitespace: true,
    minifySyntax: true,
    lineLimit: 120,
    legalComments: "none",
    sourcemap: true,
    sourcesContent: false,
    metafile: true,
    logLevel: "warning",
  };
  const splitting = shared.length > 1;
  const results = [await build({ ...options, entryPoints: [...shared], splitting })];
  if (platforms.length > 0) results.push(await build({ ...options, entryPoints: [...platforms] }));
  writeLicences(folder, results);
}

/** The licences of what went into a package's bundles, in its `dist`. */
function writeLicences(
  folder: string,
  results: readonly BuildResult<{ readonly metafile: true }>[],
): void {
  const bundled = results.flatMap(({ metafile }) => packagesIn(metafile, folder));
  const path = join(folder, "dist/LICENSES.txt");
  rmSync(path, { force: true });
  if (bundled.length > 0) writeFileSync(path, licenceNotices([...new Set(bundled)].sort()));
}

await Promise.all(readdirSync(packages).map((name) => bundlePackage(join(packages, name))));
