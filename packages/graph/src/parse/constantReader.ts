import { readElements } from "../print/constantText.js";
import { byteLengthOf, formatType, type TensorType } from "../type.js";
import type { Scanner } from "./scanner.js";
import type { ContentSyntax, TableSyntax } from "./syntax.js";
import { readList, readType } from "./typeReader.js";

/** `#` and 32 hexadecimal digits. */
function readKey(scanner: Scanner): string {
  return scanner.acceptHash() ?? scanner.unexpected("# and the content hash of a constant");
}

/** What a `const` input holds: `[0.5,nan]`, or the key of a line of the table. */
export function readContent(scanner: Scanner, type: TensorType): ContentSyntax {
  const { at } = scanner;
  if (!scanner.accept("[")) return { kind: "key", key: readKey(scanner) };
  const items = readList(
    scanner,
    "]",
    () => scanner.acceptNumber() ?? scanner.unexpected('a number, or "]"'),
  );
  const [key, constant] = readElements(items, type) ?? [];
  if (key !== undefined && constant !== undefined) return { kind: "elements", key, constant };
  return scanner.fail(at, {
    problem: "these are not the elements of the constant",
    received: `${items.length} numbers`,
    allowed: type.dtype === "float16" ? "float16 is written in the table" : formatType(type),
  });
}

/** `#9529…: float64[9] = "AAAA…"`. */
export function readTableLine(scanner: Scanner): TableSyntax {
  const { at } = scanner;
  const key = readKey(scanner);
  scanner.expect(":");
  const { dtype, shape } = readType(scanner);
  scanner.expect("=");
  const start = scanner.at;
  const bytes = scanner.acceptString() ?? scanner.unexpected("bytes in base64, in quotes");
  const length = byteLengthOf({ dtype, shape });
  const isBase64 = bytes.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(bytes);
  const padding = bytes.endsWith("==") ? 2 : bytes.endsWith("=") ? 1 : 0;
  if (isBase64 && (bytes.length / 4) * 3 - padding === length) {
    return { at, key, constant: { dtype, shape, bytes } };
  }
  const received = `${bytes.length} characters`;
  return scanner.fail(start, {
    problem: "these are not the bytes of the constant",
    received,
    allowed: `base64 of ${length} bytes`,
  });
}
