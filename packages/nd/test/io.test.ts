import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ArgumentError,
  type DType,
  dtypes,
  FileFormatError,
  ShapeError,
  sizeOf,
  tensorType,
} from "@adjoint/graph";
import { createTensor } from "@adjoint/runtime";
import fc from "fast-check";
import { NDArray, nd } from "../src/index.js";
import { readBytes, writeBytes } from "../src/platform/files.browser.js";
import { session } from "../src/session.js";

const bytesOf = (hex: string) =>
  Uint8Array.from(hex.match(/[0-9a-f]{2}/g) ?? [], (byte) => Number.parseInt(byte, 16));

/** What MXNet 1.9.1 writes for `mx.nd.save(f, {'w': mx.nd.array([1., 2.])})`. */
const example = bytesOf(
  [
    "1201000000000000 0000000000000000 0100000000000000",
    "c9fa93f9 00000000 01000000 0200000000000000 01000000 00000000 00000000",
    "0000803f 00000040",
    "0100000000000000 0100000000000000 77",
  ].join(""),
);

const arrays = fc.record({
  dtype: fc.constantFrom(...dtypes),
  shape: fc.array(fc.nat(3), { minLength: 1, maxLength: 4 }),
  seed: fc.nat(100),
});

function arrayOf({ dtype, shape, seed }: { dtype: DType; shape: number[]; seed: number }): NDArray {
  const values = Array.from({ length: sizeOf(shape) }, (_, i) => ((seed + i * 7) % 23) - 11);
  return session.fromTensor(createTensor(tensorType(dtype, shape), values));
}

function expectSame(received: NDArray | undefined, expected: NDArray): void {
  expect(received).toBeInstanceOf(NDArray);
  expect(received?.type).toEqual(expected.type);
  expect(received?.asArray()).toEqual(expected.asArray());
}

/** A copy with some bytes replaced. */
function patched(bytes: Uint8Array, at: number, ...replacement: number[]): Uint8Array {
  const copy = bytes.slice();
  copy.set(replacement, at);
  return copy;
}

function listOf(data: NDArray[] | Record<string, NDArray>): NDArray[] {
  expect(Array.isArray(data)).toBe(true);
  return Object.values(data);
}

describe("encodeArrays", () => {
  test("writes MXNet's bytes", () => {
    expect(nd.encodeArrays({ w: nd.array([1, 2]) })).toEqual(example);
  });
  test("a single array is a list of one, an empty record an empty list", () => {
    const x = nd.array([1, 2]);
    const [only, ...rest] = listOf(nd.decodeArrays(nd.encodeArrays(x)));
    expectSame(only, x);
    expect(rest).toEqual([]);
    expect(nd.decodeArrays(nd.encodeArrays({}))).toEqual([]);
  });
  test("an array without axes is refused", () => {
    const scalar = session.fromTensor(createTensor(tensorType("float32", []), [1]));
    expect(() => nd.encodeArrays(scalar)).toThrow(ShapeError);
    expect(() => nd.encodeArrays(scalar)).toThrow(/without axes.*\(\).*reshape/);
  });
  test.each<[unknown, RegExp]>([
    [3, /only arrays can be saved: 3/],
    [null, /only arrays can be saved/],
    [[3], /only arrays can be saved: 3/],
    [{ w: "text" }, /only arrays can be saved/],
  ])("%j is refused", (data, message) => {
    const save = () => Reflect.apply(nd.encodeArrays, undefined, [data]);
    expect(save).toThrow(ArgumentError);
    expect(save).toThrow(message);
  });
  test("a name that has no UTF-8 is refused", () => {
    expect(() => nd.encodeArrays({ "\ud800": nd.array([1]) })).toThrow(ArgumentError);
  });
  test("part of an array, and what is not computed yet", () => {
    const x = nd.array([1, 2, 3]).mul(2);
    const [tail] = listOf(nd.decodeArrays(nd.encodeArrays([x.at([1, 3])])));
    expectSame(tail, nd.array([4, 6]));
  });
});

describe("decodeArrays", () => {
  test("reads what was written: lists of all dtypes and shapes", () => {
    fc.assert(
      fc.property(fc.array(arrays, { maxLength: 4 }), (specs) => {
        const originals = specs.map(arrayOf);
        const read = listOf(nd.decodeArrays(nd.encodeArrays(originals)));
        expect(read.length).toBe(originals.length);
        for (const [index, array] of originals.entries()) expectSame(read[index], array);
      }),
    );
  });
  test("reads names of any text", () => {
    const names = fc.uniqueArray(fc.string({ unit: "binary", maxLength: 6 }), {
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(names, (texts) => {
        const entries = texts.map((name, i): [string, NDArray] => [name, nd.array([i])]);
        const read = new Map(
          Object.entries(nd.decodeArrays(nd.encodeArrays(Object.fromEntries(entries)))),
        );
        expect([...read.keys()].sort()).toEqual([...texts].sort());
        for (const [name, array] of entries) expectSame(read.get(name), array);
      }),
    );
  });
  test("__proto__ is a name like any other", () => {
    const file = nd.encodeArrays({ xxproto__: nd.array([1]) });
    const record = nd.decodeArrays(patched(file, file.length - 9, 0x5f, 0x5f));
    expect(Object.keys(record)).toEqual(["__proto__"]);
    expect(Object.getPrototypeOf(record)).toBeNull();
    expect("toString" in record).toBe(false);
  });
  test("bytes at an odd position, and in a Buffer; the result shares no memory with them", () => {
    const shifted = new Uint8Array(example.length + 1);
    shifted.set(example, 1);
    for (const bytes of [shifted.subarray(1), Buffer.from(example)]) {
      const record = new Map(Object.entries(nd.decodeArrays(bytes)));
      bytes.fill(0);
      expect(record.get("w")?.toFlat()).toEqual([1, 2]);
    }
  });
  test("a bool that is not 0 or 1 is true", () => {
    const file = nd.encodeArrays(arrayOf({ dtype: "bool", shape: [2], seed: 0 }));
    const [mask] = listOf(nd.decodeArrays(patched(file, 24 + 32, 7, 0)));
    expect(mask?.toFlat()).toEqual([1, 0]);
  });
  test("the device does not matter", () => {
    const record = new Map(Object.entries(nd.decodeArrays(patched(example, 44, 2, 0, 0, 0, 1))));
    expect(record.get("w")?.toFlat()).toEqual([1, 2]);
  });
});

test("arrays saved under np semantics are read, those without axes too", () => {
  // mx.npx.set_np(); mx.npx.save(path, {"s": mx.np.array(3.5)}) of MXNet 1.9.1, but for the name.
  const head = [0x12, 1, ...zeros(14), 1, ...zeros(7)];
  const array = [0xca, 0xfa, 0x93, 0xf9, ...zeros(8), 1, ...zeros(11), 0, 0, 0x60, 0x40];
  const [scalar] = Object.values(
    nd.decodeArrays(Uint8Array.from([...head, ...array, ...zeros(8)])),
  );
  expect([scalar?.dtype, scalar?.shape, scalar?.toFlat()]).toEqual(["float32", [], [3.5]]);
  const numpys = nd.decodeArrays(patched(example, 24, 0xca));
  expect(String(Object.values(numpys)[0])).toBe(String(Object.values(nd.decodeArrays(example))[0]));
});

function zeros(count: number): readonly number[] {
  return new Array<number>(count).fill(0);
}

describe("damaged files", () => {
  const far = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f];
  test.each<[string, Uint8Array, RegExp]>([
    ["no bytes", new Uint8Array(0), /file ends within the magic number: 0 bytes of 8/],
    ["another kind", patched(example, 0, 0x13), /wrong magic number: 0x113 \(allowed: 0x112\)/],
    ["an absurd count", patched(example, 16, ...far), /fewer bytes than the number of arrays/],
    ["another version", patched(example, 24, 0xc8), /unknown version: 0xf993fac8/],
    ["row_sparse", patched(example, 28, 1), /sparse arrays are not read: row_sparse/],
    ["csr", patched(example, 28, 2), /sparse arrays are not read: csr/],
    ["an unknown storage", patched(example, 28, 9), /sparse arrays are not read: 9/],
    ["no axes", patched(example, 32, 0), /number of axes is not valid: 0/],
    ["an absurd number of axes", patched(example, 32, ...far.slice(4)), /number of axes is not/],
    ["an absurd length", patched(example, 36, ...far), /length of an axis is not valid: 9223/],
    ["a negative length", patched(example, 36, ...far.map(() => 255)), /length of an axis/],
    [
      "more elements than bytes",
      patched(example, 36, 0xff, 0xff, 0xff, 0x7f),
      /ends within the el/,
    ],
    ["an unknown dtype", patched(example, 52, 8), /unknown dtype: 8/],
    ["another number of names", patched(example, 64, 2), /fewer bytes than the number of names/],
    ["an absurd name", patched(example, 72, ...far), /fewer bytes than the length of a name/],
    ["a name that is not UTF-8", patched(example, 80, 0xff), /name is not UTF-8/],
    ["bytes after the end", new Uint8Array([...example, 0]), /bytes after the end: 1 bytes/],
  ])("%s: refused", (_what, bytes, message) => {
    expect(() => nd.decodeArrays(bytes)).toThrow(FileFormatError);
    expect(() => nd.decodeArrays(bytes)).toThrow(message);
  });
  test("two arrays of one name are refused", () => {
    const file = nd.encodeArrays({ a: nd.array([1]), b: nd.array([2]) });
    const b = file.length - 1;
    expect(() => nd.decodeArrays(patched(file, b, 0x61))).toThrow(/two arrays of one name: a/);
  });
  test("every beginning of a file is refused", () => {
    for (let length = 0; length < example.length; length++) {
      expect(() => nd.decodeArrays(example.subarray(0, length))).toThrow(FileFormatError);
    }
  });
  test("any bytes of a file replaced: read or refused, nothing else", () => {
    const file = nd.encodeArrays({ a: nd.ones([2, 3]), bb: nd.ones([4], { dtype: "int64" }) });
    const changes = fc.array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(changes, (list) => {
        const damaged = file.slice();
        for (const [at, byte] of list) damaged[at] = byte;
        expectReadOrRefused(() => nd.decodeArrays(damaged));
      }),
      { numRuns: 2000 },
    );
  });
});

function expectReadOrRefused(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(FileFormatError);
  }
}

describe("files", () => {
  const folder = mkdtempSync(join(tmpdir(), "adjoint-io-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  test("save and load", () => {
    const path = join(folder, "model.params");
    nd.save(path, { weight: nd.array([[1, 2]]), bias: nd.array([3]) });
    const read = new Map(Object.entries(nd.load(path)));
    expect([...read.keys()]).toEqual(["weight", "bias"]);
    expectSame(read.get("weight"), nd.array([[1, 2]]));
  });
  test("saveNpy and loadNpy", () => {
    const path = join(folder, "x.npy");
    nd.saveNpy(path, nd.eye(2));
    expectSame(nd.loadNpy(path), nd.eye(2));
  });
  test("arguments in the wrong order are refused", () => {
    const save = () => Reflect.apply(nd.save, undefined, [nd.array([1]), "x"]);
    expect(save).toThrow(ArgumentError);
    expect(save).toThrow(/save: path is not a text/);
  });
  test("where there are none, the error says what to use", () => {
    expect(() => readBytes("x")).toThrow(ArgumentError);
    expect(() => writeBytes("x", example)).toThrow(/no files here: x \(allowed: .*encodeArrays/);
  });
});
