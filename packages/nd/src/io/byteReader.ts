import { ArgumentError, FileFormatError } from "@adjoint/graph";
import { describe } from "@adjoint/ops";

/** Refuses what holds no bytes. */
export function checkBytes(op: string, bytes: unknown): void {
  if (ArrayBuffer.isView(bytes) && "BYTES_PER_ELEMENT" in bytes && bytes.BYTES_PER_ELEMENT === 1)
    return;
  throw new ArgumentError({
    op,
    problem: "argument holds no bytes",
    received: describe(bytes),
    allowed: "a Uint8Array",
  });
}

/**
 * Reads little-endian numbers from the beginning of some bytes on. Every method throws a
 * FileFormatError where the bytes end too early; nothing is allocated for what is only announced.
 */
export class ByteReader {
  private readonly view: DataView;
  private at = 0;

  constructor(
    readonly format: string,
    private readonly bytes: Uint8Array,
  ) {
    checkBytes(format, bytes);
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get remaining(): number {
    return this.bytes.length - this.at;
  }

  uint16(what: string): number {
    return this.view.getUint16(this.skip(2, what), true);
  }

  uint32(what: string): number {
    return this.view.getUint32(this.skip(4, what), true);
  }

  int32(what: string): number {
    return this.view.getInt32(this.skip(4, what), true);
  }

  uint64(what: string): bigint {
    return this.view.getBigUint64(this.skip(8, what), true);
  }

  /** The bytes themselves, not a copy. */
  take(count: number, what: string): Uint8Array {
    const start = this.skip(count, what);
    return this.bytes.subarray(start, start + count);
  }

  /** A 64-bit count of things of `width` bytes each, at most as many as the file can hold. */
  count(width: number, what: string): number {
    const announced = this.uint64(what);
    if (announced * BigInt(width) <= BigInt(this.remaining)) return Number(announced);
    throw this.refusal(`fewer bytes than the ${what} announces`, String(announced));
  }

  /** Throws unless everything is read. */
  expectEnd(): void {
    if (this.remaining > 0) throw this.refusal("bytes after the end", `${this.remaining} bytes`);
  }

  refusal(problem: string, received?: string, allowed?: string): FileFormatError {
    return new FileFormatError({ op: this.format, problem, received, allowed });
  }

  private skip(count: number, what: string): number {
    const start = this.at;
    if (count > this.remaining) {
      throw this.refusal(`file ends within the ${what}`, `${this.remaining} bytes of ${count}`);
    }
    this.at += count;
    return start;
  }
}
