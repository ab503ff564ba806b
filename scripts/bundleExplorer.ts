/**
 * Makes the explorer's page: one script, one style sheet, and the licences of what is bundled, in
 * `packages/explorer/dist/page`. Part of `npm run build`.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Metafile } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = join(root, "packages/explorer");
const target = join(folder, "dist/page");

/** The folders of the packages that went into a bundle. */
function packagesOf({ inputs }: Metafile): string[] {
  const found = Object.keys(inputs).flatMap(
    (path) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? [],
  );
  return [...new Set(found)].sort();
}

/** Name, version and licence of a package, with the licence's text where the package carries it. */
function noticeOf(path: string): string {
  const content: { readonly name: string; readonly version: string; readonly license: string } =
    JSON.parse(readFileSync(join(root, path, "package.json"), "utf8"));
  const file = ["LICENSE", "LICENSE.md", "LICENSE.txt"]
    .map((name) => join(root, path, name))
    .find((one) => existsSync(one));
  const text = file === undefined ? "" : `\n\n${readFileSync(file, "utf8").trim()}`;
  return `${content.name} ${content.version}, ${content.license}${text}`;
}

const { metafile, outputFiles } = await build({
  absWorkingDir: root,
  entryPoints: ["packages/explorer/src/page/main.tsx", "packages/explorer/src/page/style.css"],
  outdir: target,
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  jsx: "automatic",
  jsxImportSource: "preact",
  legalComments: "none",
  charset: "utf8",
  metafile: true,
  write: false,
  logLevel: "warning",
});
for (const { path, contents } of outputFiles) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, contents);
}
const notices = packagesOf(metafile).map(noticeOf);
writeFileSync(join(target, "LICENSES.txt"), `${notices.join(`\n\n${"-".repeat(72)}\n\n`)}\n`);
