import {
  ArgumentError,
  type DType,
  dtypes,
  FileFormatError,
  sizeOf,
  tensorType,
} from "@adjoint/graph";
import { createTensor } from "@adjoint/runtime";
import fc from "fast-check";
import { nd } from "../src/index.js";
import { session } from "../src/session.js";

const magic = "\x93NUMPY";

/** The bytes of a file whose header says `header`; numpy 1.23.5 pads it to a multiple of 64. */
function fileOf(header: string, elements: string, version = "\x01\x00"): Uint8Array {
  const wide = version.charCodeAt(0) > 1;
  const padded = `${header.padEnd(wide ? 115 : 117)}\n`;
  const length = `${String.fromCharCode(padded.length)}\x00${wide ? "\x00\x00" : ""}`;
  const text = `${magic}${version}${length}${padded}`;
  const front = Uint8Array.from(text, (char) => char.charCodeAt(0));
  return Uint8Array.from([...front, ...bytesOf(elements)]);
}

const bytesOf = (hex: string) =>
  (hex.match(/[0-9a-f]{2}/g) ?? []).map((byte) => Number.parseInt(byte, 16));

/** A header as numpy writes it for (2, 3). */
const headerOf = (descr: string) =>
  `{'descr': '${descr}', 'fortran_order': False, 'shape': (2, 3), }`;

/**
 * Whole files of numpy 1.23.5 in base64, of
 * `numpy.lib.format.write_array(file, (numpy.arange(6).reshape(2, 3) - 2).astype(dtype))`; of bools `arange(6) % 2 == 1`.
 */
const files: { readonly [D in DType]: string } = {
  float32:
    "k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAADAAACAvwAAAAAAAIA/AAAAQAAAQEA=",
  float64:
    "k05VTVBZAQB2AHsnZGVzY3InOiAnPGY4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAAAwAAAAAAAAPC/AAAAAAAAAAAAAAAAAADwPwAAAAAAAABAAAAAAAAACEA=",
  float16:
    "k05VTVBZAQB2AHsnZGVzY3InOiAnPGYyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAwAC8AAAAPABAAEI=",
  int32:
    "k05VTVBZAQB2AHsnZGVzY3InOiAnPGk0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAr+/////////wAAAAABAAAAAgAAAAMAAAA=",
  int64:
    "k05VTVBZAQB2AHsnZGVzY3InOiAnPGk4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAr+////////////////////AAAAAAAAAAABAAAAAAAAAAIAAAAAAAAAAwAAAAAAAAA=",
  int8: "k05VTVBZAQB2AHsnZGVzY3InOiAnfGkxJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAr+/wABAgM=",
  uint8:
    "k05VTVBZAQB2AHsnZGVzY3InOiAnfHUxJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAr+/wABAgM=",
  bool: "k05VTVBZAQB2AHsnZGVzY3InOiAnfGIxJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAQABAAE=",
};

const expectedValues = [-2, -1, 0, 1, 2, 3];
const valuesOf: { readonly [D in DType]: readonly number[] } = {
  float16: expectedValues,
  float32: expectedValues,
  float64: expectedValues,
  int8: expectedValues,
  int32: expectedValues,
  int64: expectedValues,
  uint8: [254, 255, 0, 1, 2, 3],
  bool: [0, 1, 0, 1, 0, 1],
};

const fromBase64 = (text: string) => Uint8Array.from(Buffer.from(text, "base64"));

describe.each(dtypes)("%s", (dtype) => {
  const expected = session.fromTensor(createTensor(tensorType(dtype, [2, 3]), valuesOf[dtype]));
  test("reads numpy's file", () => {
    const array = nd.decodeNpy(fromBase64(files[dtype]));
    expect(array.type).toEqual({ dtype, shape: [2, 3] });
    expect(array.toFlat()).toEqual(valuesOf[dtype]);
  });
  test("writes numpy's bytes", () => {
    expect(nd.encodeNpy(expected)).toEqual(fromBase64(files[dtype]));
  });
});

test("numpy's other files: Fortran order, big-endian, no axes, one axis, empty, versions 2.0 and 3.0", () => {
  const text = (order: string, shape: string, descr = "|i1") =>
    `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${shape}, }`;
  const fortran = nd.decodeNpy(fileOf(text("True", "(2, 3, 2)"), "0006020804 0a0107030905 0b"));
  expect(fortran.shape).toEqual([2, 3, 2]);
  expect(fortran.toFlat()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  const big = nd.decodeNpy(fileOf(text("False", "(2,)", ">f4"), "c0000000 40400000"));
  expect(big.toFlat()).toEqual([-2, 3]);
  const scalar = nd.decodeNpy(fileOf(text("False", "()", "<f8"), "0000000000000440"));
  expect([scalar.shape, scalar.toFlat()]).toEqual([[], [2.5]]);
  expect(nd.decodeNpy(fileOf(text("False", "(0, 3)"), "")).shape).toEqual([0, 3]);
  for (const version of ["\x02\x00", "\x03\x00"]) {
    expect(nd.decodeNpy(fileOf(text("False", "(2,)"), "0102", version)).toFlat()).toEqual([1, 2]);
  }
});

test.each([
  ["<i2", "ffff 0080", "int32", [-1, -32768]],
  [">i2", "ffff 0080", "int32", [-1, 128]],
  ["<u2", "ffff 0080", "int32", [65535, 32768]],
  ["<u4", "ffffffff 01000000", "int64", [2 ** 32 - 1, 1]],
  [">u4", "ffffffff 00000001", "int64", [2 ** 32 - 1, 1]],
] as const)(
  "integers without a dtype of their own are widened: %s",
  (descr, bytes, dtype, values) => {
    const header = `{'descr': '${descr}', 'fortran_order': False, 'shape': (2,), }`;
    const array = nd.decodeNpy(fileOf(header, bytes));
    expect([array.dtype, array.toFlat()]).toEqual([dtype, values]);
  },
);

test("entries in another order, without spaces, in double quotes", () => {
  const header = `{"shape":(2,),"fortran_order":False,"descr":"|u1"}`;
  expect(nd.decodeNpy(fileOf(header, "0102")).toFlat()).toEqual([1, 2]);
});

test("what is written is read: any dtype and shape, elements aligned to 64 bytes", () => {
  const shapes = fc.array(fc.nat(4), { maxLength: 5 });
  fc.assert(
    fc.property(fc.constantFrom(...dtypes), shapes, (dtype, shape) => {
      const values = Array.from({ length: sizeOf(shape) }, (_, i) => i % 2);
      const array = session.fromTensor(createTensor(tensorType(dtype, shape), values));
      const bytes = nd.encodeNpy(array);
      expect((bytes.length - array.asArray().byteLength) % 64).toBe(0);
      const read = nd.decodeNpy(bytes);
      expect(read.type).toEqual(array.type);
      expect(read.asArray()).toEqual(array.asArray());
    }),
  );
});

describe("damaged files", () => {
  const good = fileOf(headerOf("|i1"), "000102030405");
  const withHeader = (header: string) => fileOf(header, "000102030405");
  test.each<[string, Uint8Array, RegExp]>([
    ["no bytes", new Uint8Array(0), /file ends within the magic text/],
    ["another kind", withHeader("x").fill(0, 0, 1), /wrong magic text/],
    ["another version", fileOf(headerOf("|i1"), "", "\x04\x00"), /unknown version of .npy: 4.0/],
    ["an absurd header", good.slice().fill(255, 8, 10), /file ends within the header/],
    ["no dictionary", withHeader("[1]"), /header is not a dictionary of known form/],
    ["code", withHeader("{'descr': open('x'), }"), /header is not a dictionary of known form/],
    [
      "an entry too few",
      withHeader("{'descr': '|i1', 'shape': (6,), }"),
      /header has other entries/,
    ],
    [
      "another entry",
      withHeader(headerOf("|i1").replace("shape", "size")),
      /header has other entr/,
    ],
    ["an entry twice", withHeader(headerOf("|i1").replace("descr", "shape")), /not a dictionary/],
    ["a dtype that Adjoint lacks", withHeader(headerOf("<u8")), /dtype <u8 is not read/],
    [
      "a record dtype",
      withHeader(headerOf("x").replace("'x'", "[('a', '<f4')]")),
      /not a dictionary/,
    ],
    ["objects", withHeader(headerOf("|O")), /dtype \|O is not read/],
    ["a dtype without order", withHeader(headerOf("|f4")), /dtype \|f4 is not read/],
    ["an absurd shape", withHeader(headerOf("|i1").replace("2, 3", "99999999999")), /not a tuple/],
    [
      "a long axis",
      withHeader(headerOf("|i1").replace("2, 3", "9999999999,")),
      /shape is not valid/,
    ],
    [
      "a number for a tuple",
      withHeader(headerOf("|i1").replace("2, 3", "6")),
      /not a tuple of int/,
    ],
    ["elements missing", good.subarray(0, -1), /file ends within the elements: 5 bytes of 6/],
    ["elements left", new Uint8Array([...good, 0]), /bytes after the end: 1 bytes/],
  ])("%s: refused", (_what, bytes, message) => {
    expect(() => nd.decodeNpy(bytes)).toThrow(FileFormatError);
    expect(() => nd.decodeNpy(bytes)).toThrow(message);
  });
  test("a long header in version 2.0 is refused before it is read", () => {
    const file = fileOf(headerOf("|i1"), "", "\x02\x00").fill(255, 8, 11);
    expect(() => nd.decodeNpy(file)).toThrow(/header is too long/);
  });
  test("any bytes of a file replaced: read or refused, nothing else", () => {
    const changes = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(changes, (list) => {
        const damaged = good.slice();
        for (const [at, byte] of list) damaged[at] = byte;
        try {
          nd.decodeNpy(damaged);
        } catch (error) {
          expect(error).toBeInstanceOf(FileFormatError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

test("only arrays are written", () => {
  expect(() => Reflect.apply(nd.encodeNpy, undefined, [3])).toThrow(ArgumentError);
});
