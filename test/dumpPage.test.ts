import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { jest } from "@jest/globals";
import { adjointIn, spawned } from "../packages/cli/test/adjoint.js";
import { galleryFolder, galleryPage, pictures } from "../scripts/gallery.js";
import { commandSamples, withoutTimes } from "./commandPage.js";
import { root } from "./pages.js";

jest.setTimeout(120_000);

const adjoint = adjointIn(galleryFolder);
const page = readFileSync(join(root, "docs/dump.md"), "utf8");

describe("docs/dump.md", () => {
  const samples = commandSamples("docs/dump.md");

  test.each(samples.map(({ line, args, prints }) => [line, args.join(" "), args, prints] as const))(
    "line %i: %s",
    async (_line, _command, args, prints) => {
      // A trace tree holds what earlier commands of the process did.
      const isAlone = args.includes("--trace-tree");
      const { stdout, stderr } = await (isAlone
        ? spawned(args, "", galleryFolder)
        : adjoint(...args));
      expect(stderr).toBe("");
      expect(withoutTimes(stdout)).toBe(withoutTimes(prints));
    },
  );

  test("names every option of the command", async () => {
    const { stdout } = await adjoint("dump", "--help");
    const options = [...stdout.matchAll(/^ {2}(?:-o, )?(--[a-z-]+)/gm)].map(([, name]) => name);
    expect(options.length).toBeGreaterThan(20);
    const missing = options.filter(
      (name) => !page.includes(`\`${name}`) && !page.includes(` ${name} `),
    );
    expect(missing).toEqual(["--output"]);
    expect(page).toContain("`-o`");
  });
});

describe("docs/gallery.md", () => {
  test.each(pictures.map(({ name, args }) => [name, args] as const))(
    "%s.svg is what the command line draws",
    async (name, args) => {
      const kept = join(root, "docs/gallery", `${name}.svg`);
      const outcome = await adjoint("dump", ...args, "--check", kept);
      expect(outcome).toEqual({ code: 0, stdout: "", stderr: "" });
    },
  );

  test("is made from the list of pictures, and there are no others", () => {
    expect(readFileSync(join(root, "docs/gallery.md"), "utf8")).toBe(galleryPage());
    const files = readdirSync(join(root, "docs/gallery")).sort();
    expect(files).toEqual(pictures.map(({ name }) => `${name}.svg`).sort());
  });
});
