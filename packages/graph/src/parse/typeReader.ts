import { dtypes, type DType, isDType } from "../dtype.js";
import { nearestName } from "../nearestName.js";
import type { TensorType } from "../type.js";
import type { Scanner } from "./scanner.js";

/** Items with commas between them, up to `end`. */
export function readList<T>(scanner: Scanner, end: string, read: () => T): T[] {
  const items: T[] = [];
  if (scanner.accept(end)) return items;
  do items.push(read());
  while (scanner.accept(","));
  scanner.expect(end, `"," or "${end}"`);
  return items;
}

export function readDType(scanner: Scanner): DType {
  const { at } = scanner;
  const name = scanner.name("a type, as float32[2,3]");
  if (isDType(name)) return name;
  const allowed = nearestName(name, dtypes) ?? dtypes.join(", ");
  return scanner.fail(at, { problem: "unknown dtype", received: name, allowed });
}

/** `float32[4,1]`. */
export function readType(scanner: Scanner): TensorType {
  const dtype = readDType(scanner);
  scanner.expect("[");
  return { dtype, shape: readList(scanner, "]", () => scanner.count('a length, or "]"')) };
}
