import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { get, type IncomingHttpHeaders } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Explorer, type Session, serveExplorer } from "@adjoint/explorer";

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

function ask(url: string, path: string, headers: Record<string, string> = {}): Promise<Answer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    get({ hostname, port, path, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => {
        text += part;
      });
      response.on("end", () =>
        resolve({ status: response.statusCode, headers: response.headers, text }),
      );
    }).on("error", reject);
  });
}

function failed(message: string): Session {
  return {
    title: "model.ts",
    command: "adjoint explore model.ts",
    outcome: { kind: "failure", failure: { message } },
  };
}

/** Waits until a session has the message; only the test's time limit ends the wait. */
async function messageOf(url: string, wanted: string): Promise<void> {
  while (!(await ask(url, "/session.json")).text.includes(wanted)) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe("the server", () => {
  const folder = mkdtempSync(join(tmpdir(), "adjoint-explorer-"));
  const file = join(folder, "model.ts");
  let loads = 0;
  let explorer: Explorer;
  beforeAll(async () => {
    writeFileSync(file, "first");
    explorer = await serveExplorer({
      load: async () => ({ session: failed(`load ${++loads}`), files: [file] }),
    });
  });
  afterAll(async () => {
    await explorer.close();
    rmSync(folder, { recursive: true });
  });

  test("listens on this machine alone, on a free port", () => {
    expect(explorer.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
  });

  test("gives the page, its parts and the session, each with a strict policy", async () => {
    const types = {
      "/": "text/html",
      "/main.js": "text/javascript",
      "/style.css": "text/css",
      "/session.json": "application/json",
      "/LICENSES.txt": "text/plain",
    };
    for (const [path, type] of Object.entries(types)) {
      const { status, headers, text } = await ask(explorer.url, path);
      expect(status).toBe(200);
      expect(headers["content-type"]).toBe(`${type}; charset=utf-8`);
      expect(headers["content-security-policy"]).toContain("default-src 'none'");
      expect(headers["content-security-policy"]).not.toContain("unsafe-inline");
      expect(headers["access-control-allow-origin"]).toBeUndefined();
      expect(headers["cache-control"]).toBe("no-store");
      expect(text.length).toBeGreaterThan(50);
    }
  });

  test.each([
    "/model.ts",
    "/../package.json",
    "/..%2fpackage.json",
    "/%2e%2e/%2e%2e/etc/passwd",
    "//etc/passwd",
    "/main.js/../../../package.json",
    "/main.js?x",
    "/session.json/",
    "/__proto__",
  ])("has nothing at %s", async (path) => {
    const { status, text } = await ask(explorer.url, path);
    expect(status).toBe(404);
    expect(text).toBe("no such page\n");
  });

  test("tells other hosts and origins nothing", async () => {
    const port = new URL(explorer.url).port;
    const others: Record<string, string>[] = [
      { Host: `evil.example:${port}` },
      { Origin: "http://evil.example" },
      { "Sec-Fetch-Site": "cross-site" },
    ];
    for (const headers of others) {
      for (const path of ["/", "/session.json", "/events"]) {
        const { status, text } = await ask(explorer.url, path, headers);
        expect(status).toBe(403);
        expect(text).not.toContain("load");
      }
    }
  });

  test("makes the session anew after a save, also where the editor renames a new file into place", async () => {
    const before = loads;
    writeFileSync(file, "second");
    await messageOf(explorer.url, `load ${before + 1}`);
    const aside = join(folder, "model.ts.tmp");
    for (const round of [2, 3]) {
      writeFileSync(aside, "again");
      renameSync(aside, file);
      await messageOf(explorer.url, `load ${before + round}`);
    }
  });

  test("takes no notice of other files", async () => {
    const before = loads;
    writeFileSync(join(folder, "other.ts"), "text");
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(loads).toBe(before);
  });

  test("says when there is a new session", async () => {
    const { hostname, port } = new URL(explorer.url);
    const events: string[] = [];
    await new Promise<void>((resolve, reject) => {
      const request = get({ hostname, port, path: "/events" }, (response) => {
        expect(response.headers["content-type"]).toBe("text/event-stream");
        response.setEncoding("utf8");
        response.on("data", (text: string) => {
          events.push(text);
          if (events.length === 1) writeFileSync(file, "third");
          if (text.includes("data: new")) {
            request.destroy();
            resolve();
          }
        });
      });
      request.on("error", reject);
    });
    expect(events.join("")).toContain("event: session");
  });
});

test("a port that is taken is an error, and a load that fails at the start too", async () => {
  const load = async () => ({ session: failed("none"), files: [] });
  const first = await serveExplorer({ load });
  const port = Number(new URL(first.url).port);
  await expect(serveExplorer({ load, port })).rejects.toThrow("EADDRINUSE");
  await first.close();
  await expect(
    serveExplorer({ load: () => Promise.reject(new Error("no module")) }),
  ).rejects.toThrow("no module");
});
