import { ArgumentError } from "@adjoint/graph";

/**
 * A name as UTF-8. Throws an ArgumentError for half a surrogate pair, which has none: two such
 * names could become one.
 */
export function utf8Of(op: string, name: string): Uint8Array {
  const bytes = new TextEncoder().encode(name);
  if (new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes) === name) return bytes;
  throw new ArgumentError({
    op,
    problem: "name is not well-formed text",
    received: JSON.stringify(name),
  });
}
