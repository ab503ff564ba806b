import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jest } from "@jest/globals";
import { adjoint } from "./adjoint.js";

jest.setTimeout(60_000);

const folder = mkdtempSync(join(tmpdir(), "adjoint-errors-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const wrongUses: readonly (readonly [string, readonly string[], string])[] = [
  ["no command", [], "Usage: adjoint"],
  ["unknown command", ["dmp"], "unknown command 'dmp'\n(Did you mean dump?)"],
  ["unknown option", ["dump", "seed.ts", "--forwad"], "Did you mean --forward?"],
  ["no module", ["dump"], "missing required argument 'module'"],
  ["missing file", ["dump", "sead.ts"], "no such file: sead.ts; did you mean seed.ts?"],
  ["a folder", ["dump", "."], ". is not a file"],
  ["unknown ending", ["dump", file("model.py", "")], "is neither a module nor a graph"],
  ["unknown export", ["dump", "seed.ts#los", "--arg", "1"], "did you mean seed.ts#loss?"],
  ["no default export", ["dump", "cubes.mjs"], "cubes.mjs#cube, cubes.mjs#sum"],
  ["no name after #", ["dump", "seed.ts#"], "no name after #"],
  ["an export that is no function", ["dump", "seed.ts#answer"], "answer of seed.ts is no function"],
  [
    "no arguments",
    ["dump", "seed.ts#loss"],
    "takes 2 to 3 arguments (x, w, scale?), given 0; example:\n  adjoint dump seed.ts#loss --arg 4x1 --arg 4x1",
  ],
  ["too many arguments", ["dump", "seed.ts", "--arg", "1", "--arg", "1"], "takes 1 argument (x)"],
  ["malformed shape", ["dump", "seed.ts", "--arg", "4x"], 'shape "4x" is not valid'],
  ["huge shape", ["dump", "seed.ts", "--arg", "65536x65536"], "more than 2^31 elements"],
  ["unknown dtype", ["dump", "seed.ts", "--arg", "flaot64:4"], "did you mean float64?"],
  ["malformed value", ["dump", "seed.ts", "--arg", "4=half"], 'value "half" is not a number'],
  ["unknown format", ["dump", "seed.ts", "--format", "dto"], "did you mean dot?"],
  ["views that exclude each other", ["dump", "seed.ts", "--joint", "--forward"], "leave out"],
  ["a file that is no JSON", ["dump", file("bad.json", "{")], "text is not JSON"],
  ["a file that is no graph", ["dump", file("list.json", "[]")], "file is not valid"],
  [
    "a newer format",
    ["dump", file("new.json", '{"format":"adjoint.gradient","version":2}')],
    "version 2 of adjoint.gradient is not known",
  ],
  ["an argument for a graph", ["dump", file("g.json", "{}"), "--arg", "1"], "takes no --arg"],
  ["an export of a graph", ["dump", `${file("h.json", "{}")}#f`], "a graph has no exports"],
  ["a file that cannot be written", ["dump", "seed.ts", "--arg", "1x1", "-o", "."], "cannot write"],
];

test.concurrent.each(wrongUses)("%s: exit code 2", async (_, args, message) => {
  const { code, stdout, stderr } = await adjoint(...args);
  expect(stderr).toContain(message);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
});

const failures: readonly (readonly [string, readonly string[], string])[] = [
  [
    "an operator that refuses its arguments",
    ["throws.ts#wrongShapes", "--arg", "2x2"],
    "; throws.ts:6\n",
  ],
  [
    "a program that throws",
    ["throws.ts#plain", "--arg", "2"],
    "adjoint: RangeError: too large; throws.ts:12\n",
  ],
  [
    "a result that is no array",
    ["seed.ts#number", "--arg", "2"],
    "must return an NDArray or a list",
  ],
  [
    "a module that cannot be parsed",
    [file("broken.ts", "export default function (x) {\n  return x +;\n}\n"), "--arg", "1"],
    "broken.ts:2:12",
  ],
  [
    "a module that imports what is not there",
    [file("dangling.mjs", 'import "nosuchpackage";\n'), "--arg", "1"],
    "Cannot find package 'nosuchpackage'",
  ],
];

test.concurrent.each(failures)("%s: exit code 1", async (_, args, message) => {
  const { code, stdout, stderr } = await adjoint("dump", ...args);
  expect(stderr).toContain(message);
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
});

test.concurrent.each([["--help"], ["--version"]])("%s: exit code 0", async (option) => {
  const { code, stdout, stderr } = await adjoint(option);
  expect(stdout).toMatch(option === "--help" ? /dump/ : /^\d+\.\d+\.\d+\n$/);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
});
