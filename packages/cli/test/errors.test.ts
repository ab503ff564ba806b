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
  ["no module", ["dump"], "no MODULE"],
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
  ["no such row", ["dump", "seed.ts", "--arg", "4x1", "--around", "77"], "no such row in seed"],
  ["unknown variable", ["dump", "seed.ts", "--arg", "4x1", "--wrt", "weights"], "variables: x"],
  [
    "unknown pass",
    ["dump", "seed.ts", "--arg", "4x1", "--passes", "after:deadCod"],
    "did you mean deadCode?",
  ],
  [
    "a pass that ran less often",
    ["dump", "seed.ts", "--arg", "4x1", "--passes", "after:deadCode:5"],
    "ran 4 times",
  ],
  ["no point between passes", ["dump", "seed.ts", "--passes", "deadCode"], "allowed: before:NAME"],
  [
    "a predicate that is none",
    ["dump", "seed.ts", "--arg", "4x1", "--select", "op>1"],
    "predicate is not understood",
  ],
  ["unknown cost", ["dump", "seed.ts", "--cost", "flop"], "did you mean flops?"],
  ["order 0", ["dump", "seed.ts", "--order", "0"], "not a whole number from 1 to 4"],
  ["two questions", ["dump", "seed.ts", "--plan", "--nan"], "--plan and --nan: one at a time"],
  ["two selections", ["dump", "seed.ts", "--depth", "1", "--select", "op=dot"], "one at a time"],
  ["a radius around nothing", ["dump", "seed.ts", "--radius", "1"], "goes with --around"],
  ["one side of a difference", ["dump", "seed.ts", "--diff", "start"], "--diff takes two"],
  [
    "a difference of files and a module",
    ["dump", "seed.ts", "--diff", "a.json", "b.json"],
    "leave seed.ts out",
  ],
  ["points without a module", ["dump", "--diff", "start", "end"], "need a MODULE"],
  ["passes as a picture", ["dump", "seed.ts", "--passes", "all", "--format", "svg"], "text, json"],
  ["threads without a plan", ["dump", "seed.ts", "--threads", "2"], "--threads goes with --plan"],
  ["rows as JSON", ["dump", "seed.ts", "--depth", "1", "--format", "json"], "holds every row"],
  ["annotations of a plan", ["dump", "seed.ts", "--plan", "--values"], "go with graphs"],
  [
    "further calls without a trace tree",
    ["dump", "seed.ts", "--again", "4x1"],
    "goes with --trace-tree",
  ],
  [
    "passes of the joint graph",
    ["dump", "seed.ts", "--joint", "--passes", "all"],
    "passes change one graph",
  ],
  ["a check that writes", ["dump", "seed.ts", "--check", "a.txt", "-o", "b.txt"], "leave out -o"],
  [
    "a check without a file",
    ["dump", "seed.ts", "--arg", "4x1", "--check", "nothere.txt"],
    "write it first",
  ],
  ["a missing file of numbers", ["dump", "seed.ts", "--arg", "nothere.npy"], "no such file"],
  ["a damaged file of numbers", ["dump", "seed.ts", "--arg", file("bad.npy", "x")], "bad.npy"],
  [
    "too many arguments for a graph",
    ["dump", file("g.txt", "graph g(%x: float32[2]) -> (y: %x) {}"), "--arg", "2", "--arg", "2"],
    "takes 1 argument",
  ],
  [
    "an argument of another type",
    ["dump", file("t.txt", "graph g(%x: float32[2]) -> (y: %x) {}"), "--arg", "3"],
    "does not fit x: float32[2]",
  ],
  [
    "a trace tree of a graph",
    ["dump", file("u.txt", "graph g(%x: float32[2]) -> (y: %x) {}"), "--trace-tree"],
    "programs that run",
  ],
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
