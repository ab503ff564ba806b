/** Room that is reserved at a time; the libraries of a runtime use a few thousand bytes. */
const blockBytes = 1 << 14;

/**
 * Vectors of constants at fixed addresses of one memory, each there once. Generated code loads them
 * as operands, which is cheaper than building them in registers.
 */
export class ConstantPool {
  private readonly addresses = new Map<string, number>();
  private next = 0;
  private end = 0;

  /** `reserve` gives the address of so many bytes of `memory`, a multiple of 16, for good. */
  constructor(
    private readonly memory: WebAssembly.Memory,
    private readonly reserve: (bytes: number) => number,
  ) {}

  /** The address of four times `value` in single precision. */
  f32x4(value: number): number {
    return this.addressOf(new Uint8Array(new Float32Array(4).fill(value).buffer));
  }

  /** The address of twice `value` in double precision. */
  f64x2(value: number): number {
    return this.addressOf(new Uint8Array(new Float64Array(2).fill(value).buffer));
  }

  /** The address of four times a 32-bit integer. */
  i32x4(value: number): number {
    return this.addressOf(new Uint8Array(new Int32Array(4).fill(value).buffer));
  }

  /** The address of twice a 64-bit integer. */
  i64x2(value: bigint): number {
    return this.addressOf(new Uint8Array(new BigInt64Array(2).fill(value).buffer));
  }

  /** The address of the given bytes (a multiple of 16 of them), aligned to 16. */
  addressOf(bytes: Uint8Array): number {
    const key = bytes.join();
    const known = this.addresses.get(key);
    if (known !== undefined) return known;
    if (this.next + bytes.length > this.end) {
      const room = Math.max(blockBytes, bytes.length);
      this.next = this.reserve(room);
      this.end = this.next + room;
    }
    const address = this.next;
    new Uint8Array(this.memory.buffer).set(bytes, address);
    this.addresses.set(key, address);
    this.next += bytes.length;
    return address;
  }
}
