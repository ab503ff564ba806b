const encoder = new TextEncoder();

/** FNV-1a with 32 bits, over `bytes`, from `seed`. */
function fnv(bytes: Uint8Array, seed: number): number {
  let hash = seed;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  // Final mixing (murmur3's), so that neighbouring inputs differ in every bit.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Content hash of bytes and a label: 128 bits as hexadecimal, the same on every machine. Not for security. */
export function hashBytes(bytes: Uint8Array, label: string): string {
  const prefix = encoder.encode(`${label}\0`);
  let text = "";
  for (const seed of [0x811c9dc5, 0x9e3779b9, 0x7f4a7c15, 0x2545f491]) {
    text += fnv(bytes, fnv(prefix, seed)).toString(16).padStart(8, "0");
  }
  return text;
}

/** `hashBytes` of a text. */
export function hashText(text: string): string {
  return hashBytes(encoder.encode(text), "text");
}
