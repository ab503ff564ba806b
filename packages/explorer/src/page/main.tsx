import { render } from "preact";
import { App } from "./App.js";
import { embeddedSession, fetchSession } from "./live.js";
import { applyTheme, rememberedTheme } from "./theme.js";

applyTheme(rememberedTheme());
const root = document.getElementById("app");
if (root === null) throw new Error("explorer: the document has no place for the page");
const embedded = embeddedSession();
const session = embedded ?? (await fetchSession());
render(<App session={session} connection={embedded === undefined ? "live" : "file"} />, root);
