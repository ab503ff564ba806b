/**
 * Bundles each package's sources to one module per entry, beside the declarations that `tsc` wrote: a process that
 * imports `adjoint` opens a dozen files, not hundreds. Packages stay modules of their own, so that classes and the session are the
 * same whichever of them is imported. Part of `npm run build`.
 */
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build } from "esbuild";

interface PackageFile {
  readonly exports: { readonly [entry: string]: { readonly default: string } };
  readonly imports?: { readonly [entry: string]: { readonly [condition: string]: string } };
}

/** Scripts that a package opens by their path: a process of its own, text for a page. */
const openedByPath: { readonly [name: string]: readonly string[] } = {
  cli: ["src/explore/worker.ts", "src/render/page/page.ts"],
};

const packages = fileURLToPath(new URL("../packages", import.meta.url));

interface Entries {
  /** What others import or start. They share code, which becomes chunks. */
  readonly shared: readonly string[];
  /** The files of which the host decides which is imported. They share none. */
  readonly platforms: readonly string[];
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
  const { shared, platforms } = entriesOf(folder);
  const options: BuildOptions = {
    absWorkingDir: folder,
    outdir: "dist",
    outbase: "src",
    bundle: true,
    // What others publish and other packages of ours are imported; `#engine` is another file in browsers.
    packages: "external",
    external: ["#*"],
    platform: "neutral",
    format: "esm",
    target: "es2022",
    sourcemap: true,
    sourcesContent: false,
    logLevel: "warning",
  };
  await build({ ...options, entryPoints: [...shared], splitting: shared.length > 1 });
  if (platforms.length > 0) await build({ ...options, entryPoints: [...platforms] });
}

await Promise.all(readdirSync(packages).map((name) => bundlePackage(join(packages, name))));
