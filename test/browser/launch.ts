import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

/** Debian's package; another place can be named in the environment. */
const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";

/**
 * Starts Chromium with a fresh profile, which goes when it closes. The flags keep it from calling home, and let it run as
 * root in a container.
 */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath,
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** A page, and what went wrong or out on it. */
export interface WatchedPage {
  readonly page: Page;
  /** Messages of `console.error` and `console.warn`, and uncaught errors. */
  readonly complaints: readonly string[];
  /** Requests to anything but this machine; each was refused. */
  readonly outgoing: readonly string[];
}

/** True for what cannot leave the machine. */
function isLocal(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return ["data:", "blob:", "about:", "file:"].includes(protocol) || hostname === "127.0.0.1";
}

/** Opens an empty page of its own context, on which requests to other machines are noted and refused. */
export async function watchedPage(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints: string[] = [];
  const outgoing: string[] = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  await context.route("**/*", (route) => {
    const url = route.request().url();
    if (isLocal(url)) return route.continue();
    outgoing.push(url);
    return route.abort();
  });
  return { page, complaints, outgoing };
}
