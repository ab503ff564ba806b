import { assetText, policyHash } from "../host.js";
import type { Session } from "../session/session.js";

/** What a served page may load: itself, and the layout engine, which is WebAssembly. */
export const servedPolicy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

function documentOf(title: string, head: string, body: string): string {
  return `<!doctype html>
<html lang="en" data-theme="auto">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${head}
<title>${escapeHtml(title)} – Adjoint</title>
<link rel="icon" href="data:,">
</head>
<body>
<div id="app"></div>
${body}
</body>
</html>
`;
}

/** The document of a served page. */
export function servedDocument(title: string): string {
  return documentOf(
    title,
    '<link rel="stylesheet" href="style.css">',
    '<script type="module" src="main.js"></script>',
  );
}

/** A session as text that may stand inside of a document. */
export function embedded(session: Session): string {
  return JSON.stringify(session).replaceAll("<", "\\u003c");
}

/**
 * The page as one file that needs nothing else and asks nobody for anything.
 *
 * @example
 * ```ts
 * writeFileSync("loss.html", explorerPage(session));
 * ```
 */
export function explorerPage(session: Session): string {
  const style = assetText("style.css");
  // The text of a script ends at the first "</script", even within a string.
  const script = assetText("main.js").replaceAll("</script", "<\\/script");
  const policy = [
    "default-src 'none'",
    `script-src ${policyHash(script)} 'wasm-unsafe-eval'`,
    `style-src ${policyHash(style)}`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const head = `<meta http-equiv="Content-Security-Policy" content="${policy}">
<style>${style}</style>`;
  const body = `<script id="session" type="application/json">${embedded(session)}</script>
<script type="module">${script}</script>
<script id="licences" type="text/plain">
${assetText("LICENSES.txt").replaceAll("</script", "<\\/script")}</script>`;
  return documentOf(session.title, head, body);
}
