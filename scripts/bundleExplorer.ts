/**
 * Makes the explorer's page: one script, one style sheet, and the licences of what is bundled, in
 * `packages/explorer/dist/page`; and copies what the command's pages and pictures hold of packages that carry much
 * else, with the licences. Part of `npm run build`.
 */
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
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

const modules = join(root, "node_modules");
const render = join(root, "packages/cli/dist/render");

/** What `adjoint dump --format html` puts into its pages. */
const drawing = ["@viz-js/viz", "svg-pan-zoom"].map((name) => join(modules, name));
mkdirSync(join(render, "page"), { recursive: true });
writeFileSync(join(render, "page/LICENSES.txt"), licenceNotices(drawing));
const panZoom = "svg-pan-zoom.min.js";
copyFileSync(join(modules, "svg-pan-zoom/dist", panZoom), join(render, "page", panZoom));

/** One of the fonts of a package, and its licence. */
const arimo = join(modules, "@expo-google-fonts/arimo");
const font = "Arimo_400Regular.ttf";
mkdirSync(join(render, "font"), { recursive: true });
copyFileSync(join(arimo, "400Regular", font), join(render, "font", font));
copyFileSync(join(arimo, "LICENSE_FONT"), join(render, "font/LICENSE.txt"));
