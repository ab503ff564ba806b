import type { FunctionBuilder, Value } from "../assembler/index.js";
import { at } from "../../kernels/prepare.js";

/** Something that loops walk through: where it begins, and bytes per step along each axis. */
export interface Stream {
  readonly base: Value<"i32">;
  readonly strides: readonly number[];
}

/** Addresses that loops move on. Streams of one base and equal strides share a local. */
export class Cursors {
  private readonly streams: Stream[] = [];
  private readonly current: Value<"i32">[] = [];
  private readonly known = new Map<string, number>();

  constructor(private readonly code: FunctionBuilder) {}

  /** Number of a stream. */
  open(base: Value<"i32">, strides: readonly number[]): number {
    const key = `${base.local}:${strides.join()}`;
    const known = this.known.get(key);
    if (known !== undefined) return known;
    this.known.set(key, this.streams.length);
    this.current.push(base);
    return this.streams.push({ base, strides }) - 1;
  }

  address(stream: number): Value<"i32"> {
    return at(this.current, stream);
  }

  stride(stream: number, axis: number): number {
    return at(at(this.streams, stream).strides, axis);
  }

  /** Sets the streams that an axis moves `steps` further, for the code in `body`. */
  within(
    streams: readonly number[],
    axis: number,
    start: Value<"i32"> | undefined,
    body: (advance: (steps: number) => void) => void,
  ): void {
    const moving = streams.filter((stream) => this.stride(stream, axis) !== 0);
    const before = moving.map((stream) => this.address(stream));
    for (const stream of moving) {
      const first = this.code.variable("i32", this.address(stream));
      if (start !== undefined) {
        this.code.increase(first, this.code.op("i32.mul", start, this.stride(stream, axis)));
      }
      this.current[stream] = first;
    }
    body((steps) => {
      for (const stream of moving) {
        this.code.increase(this.address(stream), steps * this.stride(stream, axis));
      }
    });
    moving.forEach((stream, position) => {
      this.current[stream] = at(before, position);
    });
  }
}
