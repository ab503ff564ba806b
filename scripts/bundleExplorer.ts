/**
 * Makes the explorer's page: one script, one style sheet, and the licences of what is bundled, in
 * `packages/explorer/dist/page`; and the licences of what the command's own pages hold. Part of `npm run build`.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { licenceNotices } from "./licenceNotices.js";
import { packagesIn } from "./packagesIn.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = join(root, "packages/explorer");
const target = join(folder, "dist/page");

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
writeFileSync(join(target, "LICENSES.txt"), licenceNotices(packagesIn(metafile, root)));

/** What `adjoint dump --format html` puts into its pages. */
const drawing = ["@viz-js/viz", "svg-pan-zoom"].map((name) => join(root, "node_modules", name));
const pages = join(root, "packages/cli/dist/render/page");
mkdirSync(pages, { recursive: true });
writeFileSync(join(pages, "LICENSES.txt"), licenceNotices(drawing));
