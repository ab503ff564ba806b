import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ArgumentError, FileFormatError } from "@adjoint/graph";
import fc from "fast-check";
import { zipSync } from "fflate";
import { nd } from "../src/index.js";

/** `numpy.savez(file, w=numpy.array([1, 2], "f4"), b=numpy.array(3, "i8"))` of numpy 1.23.5. */
const stored =
  "UEsDBC0AAAAAAAAAIQCayqvn//////////8FABQAdy5ucHkBABAAiAAAAAAAAACIAAAAAAAAAJNOVU1QWQEAdgB7J2Rlc2NyJzogJzxmNCcsICdmb3J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICgyLCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAKAACAPwAAAEBQSwMELQAAAAAAAAAhANm2uuj//////////wUAFABiLm5weQEAEACIAAAAAAAAAIgAAAAAAAAAk05VTVBZAQB2AHsnZGVzY3InOiAnPGk4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoDAAAAAAAAAFBLAQItAy0AAAAAAAAAIQCayqvniAAAAIgAAAAFAAAAAAAAAAAAAACAAQAAAAB3Lm5weVBLAQItAy0AAAAAAAAAIQDZtrroiAAAAIgAAAAFAAAAAAAAAAAAAACAAb8AAABiLm5weVBLBQYAAAAAAgACAGYAAAB+AQAAAAA=";
/** `numpy.savez_compressed(file, w=numpy.array([1, 2], "f4"), z=numpy.zeros(50, "u1"))`. */
const deflated =
  "UEsDBC0AAAAIAAAAIQCayqvn//////////8FABQAdy5ucHkBABAAiAAAAAAAAABMAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqKuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GkY6mjoKtQoUAC4GhgZ7BgYGBwBQSwMELQAAAAgAAAAhAKLgpgr//////////wUAFAB6Lm5weQEAEACyAAAAAAAAAEgAAAAAAAAAm+wX6hsQychQxlCtnpJanFykbqWgXlNqqK6joJ6WX1RSlJgXn1+UkgoSd0vMKU4FihdnJBakAvkapgY6mjoKtQrkAy4GkgEAUEsBAi0DLQAAAAgAAAAhAJrKq+dMAAAAiAAAAAUAAAAAAAAAAAAAAIABAAAAAHcubnB5UEsBAi0DLQAAAAgAAAAhAKLgpgpIAAAAsgAAAAUAAAAAAAAAAAAAAIABgwAAAHoubnB5UEsFBgAAAAACAAIAZgAAAAIBAAAAAA==";

const fromBase64 = (text: string) => Uint8Array.from(Buffer.from(text, "base64"));

const zip = (files: Readonly<Record<string, Uint8Array>>) => zipSync({ ...files }, { level: 0 });

describe("decodeNpz", () => {
  test("reads numpy's archives", () => {
    const { w, b } = nd.decodeNpz(fromBase64(stored));
    expect([w?.type, w?.toFlat()]).toEqual([{ dtype: "float32", shape: [2] }, [1, 2]]);
    expect([b?.type, b?.toFlat()]).toEqual([{ dtype: "int64", shape: [] }, [3]]);
    const { z } = nd.decodeNpz(fromBase64(deflated));
    expect([z?.type, z?.asArray()]).toEqual([{ dtype: "uint8", shape: [50] }, new Uint8Array(50)]);
  });
  test("__proto__ is a name like any other", () => {
    const record = nd.decodeNpz(zip({ "__proto__.npy": nd.encodeNpy(nd.ones([1])) }));
    expect(Object.keys(record)).toEqual(["__proto__"]);
    expect(Object.getPrototypeOf(record)).toBeNull();
  });
  test.each<[string, Uint8Array, RegExp]>([
    ["no archive", new Uint8Array(100), /not an archive, or damaged/],
    ["no bytes", new Uint8Array(0), /not an archive, or damaged/],
    ["an entry that is no array", zip({ "a.txt": new Uint8Array(1) }), /not an array: "a.txt"/],
    ["an array that is damaged", zip({ "a.npy": new Uint8Array(1) }), /file ends within the magic/],
  ])("%s: refused", (_what, bytes, message) => {
    expect(() => nd.decodeNpz(bytes)).toThrow(FileFormatError);
    expect(() => nd.decodeNpz(bytes)).toThrow(message);
  });
  test("an archive that grows beyond the limit is refused before it does", () => {
    const archive = nd.encodeNpz(
      { x: nd.zeros([1000]), y: nd.zeros([1000]) },
      { compressed: true },
    );
    expect(archive.length).toBeLessThan(1000);
    expect(() => nd.decodeNpz(archive, { maxBytes: 8000 })).toThrow(FileFormatError);
    expect(() => nd.decodeNpz(archive, { maxBytes: 8000 })).toThrow(
      /larger than allowed: 8256 bytes or more \(allowed: maxBytes: 8000\)/,
    );
    expect(Object.keys(nd.decodeNpz(archive, { maxBytes: 9000 }))).toEqual(["x", "y"]);
  });
  test("an entry that announces more than it can hold is refused", () => {
    const archive = nd.encodeNpz({ x: nd.zeros([1000]) }, { compressed: true });
    // The size in the archive's table of contents: 24 bytes into the entry, which starts with PK 1 2.
    const entry = Buffer.from(archive).indexOf(Uint8Array.of(0x50, 0x4b, 1, 2));
    archive.set([0, 0, 0, 0x30], entry + 24);
    expect(() => nd.decodeNpz(archive)).toThrow(/announces more bytes than it can hold: 805306368/);
  });
  test("two entries of one name are refused", () => {
    const archive = zip({
      "a.npy": nd.encodeNpy(nd.ones([1])),
      "b.npy": nd.encodeNpy(nd.ones([1])),
    });
    const name = Buffer.from(archive).lastIndexOf("b.npy");
    archive.set([0x61], name);
    expect(() => nd.decodeNpz(archive)).toThrow(/two entries of one name: a.npy/);
  });
  test("maxBytes must be a number", () => {
    expect(() => nd.decodeNpz(fromBase64(stored), { maxBytes: Number.NaN })).toThrow(ArgumentError);
  });
  test("any bytes of an archive replaced: read or refused, nothing else", () => {
    const good = fromBase64(deflated);
    const changes = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(changes, (list) => {
        const damaged = good.slice();
        for (const [at, byte] of list) damaged[at] = byte;
        try {
          nd.decodeNpz(damaged);
        } catch (error) {
          expect(error).toBeInstanceOf(FileFormatError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe("encodeNpz", () => {
  test.each([false, true])("what is written is read, compressed: %s", (compressed) => {
    const archive = nd.encodeNpz(
      { w: nd.array([[1, 2]]), "layer/b": nd.ones([0]) },
      { compressed },
    );
    const read = nd.decodeNpz(archive);
    expect(Object.keys(read)).toEqual(["w", "layer/b"]);
    expect(read.w?.asNested()).toEqual([[1, 2]]);
    expect(read["layer/b"]?.shape).toEqual([0]);
  });
  test("arrays without names are called as numpy calls them", () => {
    const read = nd.decodeNpz(nd.encodeNpz([nd.ones([1]), nd.zeros([1])]));
    expect(Object.entries(read).map(([name, x]) => [name, x.asScalar()])).toEqual([
      ["arr_0", 1],
      ["arr_1", 0],
    ]);
  });
  test("the same arrays give the same bytes", () => {
    expect(nd.encodeNpz({ x: nd.ones([3]) })).toEqual(nd.encodeNpz({ x: nd.ones([3]) }));
  });
  test("anything but arrays is refused", () => {
    expect(() => Reflect.apply(nd.encodeNpz, undefined, [{ x: 1 }])).toThrow(ArgumentError);
    expect(() => nd.encodeNpz({ "\ud800": nd.ones([1]) })).toThrow(ArgumentError);
  });
});

test("saveNpz and loadNpz", () => {
  const folder = mkdtempSync(join(tmpdir(), "adjoint-npz-"));
  try {
    const path = join(folder, "x.npz");
    nd.saveNpz(path, { x: nd.eye(2) }, { compressed: true });
    expect(nd.loadNpz(path).x?.asNested()).toEqual([
      [1, 0],
      [0, 1],
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
