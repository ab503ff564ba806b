import { type Explorer, type Session, serveExplorer } from "@adjoint/explorer";
import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import { type WatchedPage, watchedPage } from "../launch.js";

/** A page that shows a session. */
export interface OpenExplorer extends WatchedPage {
  readonly explorer: Explorer;
  close(): Promise<void>;
}

const opened = new Set<() => Promise<void>>();

/** Closes what a failed test left open. */
export async function closeAll(): Promise<void> {
  for (const close of opened) await close();
}

/** Serves a session and opens it. */
export async function openExplorer(
  browser: Browser,
  session: Session,
  options: BrowserContextOptions = {},
): Promise<OpenExplorer> {
  const explorer = await serveExplorer({ load: async () => ({ session, files: [] }) });
  const size = { width: 1400, height: 900 };
  const watched = await watchedPage(browser, { viewport: size, ...options });
  const close = async () => {
    opened.delete(close);
    await watched.page.context().close();
    await explorer.close();
  };
  opened.add(close);
  await watched.page.goto(explorer.url);
  const { kind } = session.outcome;
  await watched.page.waitForSelector(kind === "failure" ? ".failure" : "[data-side=backward] .box");
  return { ...watched, explorer, close };
}

export type Side = "forward" | "backward";

/** The box of the first row with this operator or name. */
export function boxOf(page: Page, side: Side, title: string): Locator {
  return page
    .locator(`[data-side=${side}] .box`)
    .filter({ has: page.getByText(title, { exact: true }) })
    .first();
}

/** Titles of the boxes that stand out in a way. */
export async function marked(page: Page, side: Side, mark: string): Promise<string[]> {
  const boxes = page.locator(`[data-side=${side}] .box.mark-${mark} .title`);
  return (await boxes.allTextContents()).sort();
}
