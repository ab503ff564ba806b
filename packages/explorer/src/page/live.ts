import type { Session } from "../session/session.js";
import type { Dispatch } from "./store.js";

/** What is embedded in a page that is a file; undefined on a served one. */
export function embeddedSession(): Session | undefined {
  const text = document.getElementById("session")?.textContent;
  if (text === null || text === undefined) return undefined;
  const session: Session = JSON.parse(text);
  return session;
}

export async function fetchSession(): Promise<Session> {
  const response = await fetch("session.json", { cache: "no-store" });
  if (!response.ok) throw new Error(`session: ${response.status} ${response.statusText}`);
  const session: Session = await response.json();
  return session;
}

/** Follows the server: a new session after each change of the source. Gives what ends it. */
export function followServer(dispatch: Dispatch): () => void {
  const events = new EventSource("events");
  let version = 0;
  events.addEventListener("session", () => {
    const mine = ++version;
    fetchSession().then(
      (session) => {
        // A slow answer must not replace a later one.
        if (mine === version) dispatch({ kind: "session", session });
      },
      () => dispatch({ kind: "connection", connection: "lost" }),
    );
  });
  events.addEventListener("open", () => dispatch({ kind: "connection", connection: "live" }));
  events.addEventListener("error", () => dispatch({ kind: "connection", connection: "lost" }));
  return () => events.close();
}
