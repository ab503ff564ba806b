import type { Printable } from "@adjoint/graph";
import { dependencyFile, dirname, join, ownFile, readText } from "../host.js";
import { type PageOptions, pageModel } from "./pageModel.js";

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

/** A script within a page may not hold what ends it. */
function inlineScript(source: string): string {
  return source.replaceAll("</script", "<\\/script").replace(/^\/\/# sourceMappingURL=.*$/gm, "");
}

/** Nothing may be fetched, whatever a graph's names say. */
const policy = [
  "default-src 'none'",
  "script-src 'unsafe-inline' 'wasm-unsafe-eval'",
  "style-src 'unsafe-inline'",
  "img-src data:",
].join("; ");

const style = `
:root { color-scheme: light dark; font: 14px/1.4 system-ui, sans-serif; }
body { margin: 0; display: grid; grid-template-rows: auto 1fr auto; height: 100vh; }
header, footer { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; padding: .4rem .6rem; }
h1 { font-size: 1rem; margin: 0 .5rem 0 0; }
input { width: 16rem; }
#status { opacity: .8; }
#canvas { background: #FFFFFF; overflow: hidden; position: relative; }
#canvas svg { position: absolute; inset: 0; width: 100%; height: 100%; }
#canvas .node, #canvas .cluster { cursor: pointer; outline: none; }
#canvas a { cursor: pointer; text-decoration: none; }
#canvas .node:focus-visible polygon, #canvas .node:focus-visible ellipse,
#canvas .node:focus-visible path { stroke: #0072B2; stroke-width: 3; }
#canvas .selected polygon, #canvas .selected ellipse, #canvas .selected path { stroke: #D55E00; stroke-width: 3; }
#canvas .edge.selected path { stroke-width: 2; }
#details { white-space: pre-wrap; font: 12px/1.4 ui-monospace, monospace; max-height: 9rem; overflow: auto; flex: 1; }
`;

/**
 * A page that shows a subject by itself: pan, zoom, search, scopes that fold. It holds the graph, the layout and all
 * code, and fetches nothing. Same input, same bytes.
 */
export function htmlPage(subject: Printable, options: PageOptions): string {
  const model = pageModel(subject, options);
  const data = JSON.stringify(model).replaceAll("<", "\\u003c");
  // Packages export no path to the file for pages, which lies beside the one for modules.
  const viz = readText(join(dirname(dependencyFile("@viz-js/viz")), "viz-global.js"));
  const panZoom = readText(ownFile("render/page/svg-pan-zoom.min.js"));
  const page = readText(ownFile("render/page/page.js"));
  const licences = readText(ownFile("render/page/LICENSES.txt"));
  const name = escapeHtml(model.name);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${name}</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>${name}</h1>
<input id="search" type="search" placeholder="Search: operator, %5, site" aria-label="Search rows">
<button id="fit" type="button">Fit</button>
<button id="fold" type="button">Fold all</button>
<button id="open" type="button">Open all</button>
<span id="status" role="status"></span>
</header>
<main id="canvas" aria-label="Graph"></main>
<footer>
<div id="details">${escapeHtml(model.caption)}</div>
</footer>
<script id="model" type="application/json">${data}</script>
<script>${inlineScript(viz)}</script>
<script>${inlineScript(panZoom)}</script>
<script type="module">${inlineScript(page)}</script>
<script id="licences" type="text/plain">
${inlineScript(licences)}</script>
</body>
</html>
`;
}
