import { type RequestFacts, refusalOf } from "../src/server/refusal.js";

const port = 4000;
const own: RequestFacts = {
  method: "GET",
  host: "127.0.0.1:4000",
  origin: undefined,
  site: undefined,
};

describe("requests", () => {
  test.each<[string, Partial<RequestFacts>]>([
    ["by address", {}],
    ["by name", { host: "localhost:4000" }],
    ["typed into the browser", { site: "none" }],
    ["of the page", { origin: "http://127.0.0.1:4000", site: "same-origin" }],
    ["for the headers alone", { method: "HEAD" }],
  ])("%s are answered", (_, facts) => {
    expect(refusalOf({ ...own, ...facts }, port)).toBeUndefined();
  });

  test.each<[string, Partial<RequestFacts>, number]>([
    ["by a name that was made to lead here", { host: "evil.example:4000" }, 403],
    ["by a name that begins like ours", { host: "127.0.0.1.evil.example:4000" }, 403],
    ["for another port", { host: "127.0.0.1:4001" }, 403],
    ["without a host", { host: undefined }, 403],
    ["of another origin", { origin: "http://evil.example" }, 403],
    ["of a page in a sandbox", { origin: "null" }, 403],
    ["of another server on this machine", { origin: "http://127.0.0.1:8080" }, 403],
    ["of another site", { site: "cross-site" }, 403],
    ["of another port of this site", { site: "same-site" }, 403],
    ["that change something", { method: "POST" }, 405],
    ["before a change", { method: "OPTIONS" }, 405],
  ])("%s are refused", (_, facts, status) => {
    expect(refusalOf({ ...own, ...facts }, port)).toMatchObject({ status });
  });
});
