import { OutOfMemoryError } from "@adjoint/graph";
import fc from "fast-check";
import { createTensor, Heap, HeapTensor, tensorOf, toNumbers } from "../../src/index.js";

const MiB = 2 ** 20;

function smallHeap(budget = 16 * MiB): Heap {
  return new Heap({ budget, initialBytes: MiB, maximumBytes: 4 * MiB });
}

/** A tensor of `length` float32 that all have the value `value`. */
function filled(heap: Heap, length: number, value: number): HeapTensor {
  const arena = heap.allocate(length * 4);
  const tensor = new HeapTensor({ dtype: "float32", shape: [length] }, arena, 0);
  const { data } = tensor;
  if (!(data instanceof BigInt64Array)) data.fill(value);
  return tensor;
}

describe("allocation", () => {
  test("arenas start at multiples of 64, never at 0, and do not overlap", () => {
    const heap = smallHeap();
    const arenas = [0, 1, 64, 65, 1000].map((bytes) => heap.allocate(bytes));
    expect(arenas.map(({ address }) => address)).toEqual([64, 128, 192, 256, 384]);
    expect(heap.statistics).toMatchObject({ arenas: 5, residentBytes: 64 * (1 + 1 + 1 + 2 + 16) });
  });

  test("a released arena's memory serves the next one of its size", () => {
    const heap = smallHeap();
    const [first, second] = [heap.allocate(100), heap.allocate(100)];
    const { address } = first;
    first.release();
    expect([first.address, first.resident]).toEqual([-1, false]);
    expect(() => first.view("float32", 0, 1)).toThrow("arena was released");
    expect(heap.allocate(120).address).toBe(address);
    second.release();
    second.release();
    expect(heap.statistics).toMatchObject({ arenas: 1, residentBytes: 128 });
  });

  test("released neighbours are joined before the memory grows", () => {
    const heap = smallHeap();
    const parts = Array.from({ length: 15 }, () => heap.allocate(60_000));
    for (const part of parts) part.release();
    heap.allocate(900_000);
    expect(heap.statistics.memoryBytes).toBe(MiB);
  });

  test("the memory grows, and tensors from before keep their numbers", () => {
    const heap = smallHeap();
    const before = tensorOf([1, 2, 3], "float32");
    const placed = heap.place(before);
    const { data } = placed;
    heap.allocate(3 * MiB);
    expect(heap.statistics.memoryBytes).toBe(4 * MiB);
    expect(toNumbers(placed)).toEqual([1, 2, 3]);
    expect(placed.data).toBe(data);
    expect(heap.addressOf(placed)).toBe(64);
  });

  test("a view beyond the arena's end is refused", () => {
    const arena = smallHeap().allocate(16);
    expect(arena.view("float64", 8, 1).length).toBe(1);
    expect(() => arena.view("float64", 8, 2)).toThrow(RangeError);
  });
});

describe("where a tensor is", () => {
  test("its address in the heap that it lies in, -1 elsewhere", () => {
    const [heap, other] = [smallHeap(), smallHeap()];
    const arena = heap.allocate(64);
    const tensor = new HeapTensor({ dtype: "int32", shape: [2] }, arena, 8);
    expect(heap.addressOf(tensor)).toBe(arena.address + 8);
    expect(other.addressOf(tensor)).toBe(-1);
    expect(heap.addressOf(createTensor({ dtype: "int32", shape: [2] }))).toBe(-1);
    heap.spill();
    expect(heap.addressOf(tensor)).toBe(-1);
  });

  test("every dtype and offset reads the same after its arena was spilled", () => {
    const dtypes = ["float32", "float64", "float16", "int32", "int64", "int8", "bool"] as const;
    const heap = smallHeap();
    const arena = heap.allocate(1024);
    const tensors = dtypes.map((dtype, i) => {
      const tensor = new HeapTensor({ dtype, shape: [3] }, arena, 64 * i);
      const { data } = tensor;
      if (data instanceof BigInt64Array) data.set([1n, -2n, BigInt(i)]);
      else data.set([1, 2, i]);
      return tensor;
    });
    const before = tensors.map(({ data }) => data.slice());
    heap.spill();
    expect(tensors.map(({ data }) => data)).toEqual(before);
    expect(tensors.every(({ data }) => data.buffer instanceof ArrayBuffer)).toBe(true);
    expect(tensors[0]?.data).toBe(tensors[0]?.data);
  });
});

describe("spilling", () => {
  test("a loop that keeps nothing has a bounded memory, without releases", () => {
    const heap = smallHeap(256 * 1024);
    for (let step = 0; step < 20_000; step++) filled(heap, 1000, step);
    const { residentBytes, arenas, memoryBytes, spills } = heap.statistics;
    expect(memoryBytes).toBe(MiB);
    expect(residentBytes).toBeLessThan(512 * 1024);
    expect(arenas).toBeLessThan(100);
    expect(spills).toBeGreaterThan(500);
  });

  test("small arenas count too, so that few of them exist", () => {
    const heap = smallHeap(256 * 1024);
    for (let step = 0; step < 10_000; step++) heap.allocate(1);
    expect(heap.statistics.arenas).toBeLessThan(128);
  });

  test("what is held keeps its numbers, however small or large", () => {
    const heap = smallHeap(MiB);
    const held = Array.from({ length: 200 }, (_, i) => filled(heap, i * 100, i));
    for (const [i, { data }] of held.entries()) {
      expect(data.length).toBe(i * 100);
      expect(data.every((value) => value === i)).toBe(true);
    }
    expect(heap.statistics.spills).toBeGreaterThan(2);
  });

  test("pinned arenas stay, and those used lately", () => {
    const heap = smallHeap(MiB);
    const [pinned, used, idle] = [1, 2, 3].map((value) => filled(heap, 10, value));
    pinned?.arena.pin();
    for (let step = 0; step < 2000; step++) {
      filled(heap, 1000, step);
      if (used !== undefined) heap.addressOf(used);
    }
    expect([pinned, used, idle].map((tensor) => tensor?.arena.resident)).toEqual([
      true,
      true,
      false,
    ]);
    pinned?.arena.unpin();
    heap.spill();
    expect(heap.statistics).toMatchObject({ arenas: 0, residentBytes: 0 });
    expect([pinned, used, idle].map((tensor) => tensor?.data[9])).toEqual([1, 2, 3]);
  });

  test("bytes and passes are counted", () => {
    const heap = smallHeap();
    filled(heap, 16, 1);
    filled(heap, 100, 1);
    heap.spill();
    heap.spill();
    expect(heap.statistics).toMatchObject({ spilledBytes: 64 + 448, spills: 1, arenas: 0 });
  });

  test("the budget can be changed", () => {
    const heap = smallHeap();
    heap.budget = 100_000;
    for (let step = 0; step < 100; step++) heap.allocate(10_000);
    expect(heap.statistics.residentBytes).toBeLessThan(200_000);
    expect(heap.budget).toBe(100_000);
  });
});

describe("the collector", () => {
  const original = globalThis.FinalizationRegistry;
  afterEach(() => {
    globalThis.FinalizationRegistry = original;
  });

  /** A heap whose arenas are collected when the test says so, as no engine promises a time for it. */
  function collectedHeap() {
    const watched = new Map<object, { readonly target: WeakKey; readonly clean: () => void }>();
    class Registry {
      readonly [Symbol.toStringTag] = "FinalizationRegistry";
      constructor(private readonly clean: (held: unknown) => void) {}
      register(target: WeakKey, held: unknown, token: object) {
        watched.set(token, { target, clean: () => this.clean(held) });
      }
      unregister(token: object) {
        return watched.delete(token);
      }
    }
    Object.assign(globalThis, { FinalizationRegistry: Registry });
    const collectAllBut = (kept: readonly object[]) => {
      for (const [token, { target, clean }] of [...watched]) {
        if (kept.includes(target)) continue;
        watched.delete(token);
        clean();
      }
    };
    return { heap: smallHeap(), watched, collectAllBut };
  }

  test("gives the memory of large arenas back", () => {
    const { heap, collectAllBut } = collectedHeap();
    const held = filled(heap, 20_000, 1);
    for (let time = 0; time < 20; time++) filled(heap, 20_000, time);
    expect(heap.statistics.arenas).toBe(21);
    collectAllBut([held.arena]);
    expect(heap.statistics).toMatchObject({ arenas: 1, residentBytes: 80_000, spills: 0 });
    expect(held.data[5]).toBe(1);
  });

  test("is not asked about small arenas, nor about those that were released or spilled", () => {
    const { heap, watched } = collectedHeap();
    filled(heap, 100, 1);
    expect(watched.size).toBe(0);
    filled(heap, 20_000, 1).arena.release();
    expect(watched.size).toBe(0);
    filled(heap, 20_000, 1);
    expect(watched.size).toBe(1);
    heap.spill();
    expect(watched.size).toBe(0);
  });
});

describe("out of memory", () => {
  test("more than the maximum is refused, and all arrays stay readable", () => {
    const heap = smallHeap();
    const kept = filled(heap, 100_000, 7);
    const pinned = filled(heap, 100_000, 8);
    pinned.arena.pin();
    expect(() => heap.allocate(5 * MiB, "dot")).toThrow(OutOfMemoryError);
    expect(() => heap.allocate(5 * MiB, "dot")).toThrow(
      /^dot: out of memory: 5242880 bytes wanted, 400000 of 4194304 in use/,
    );
    expect([kept.data[99_999], pinned.data[99_999]]).toEqual([7, 8]);
    expect(pinned.arena.resident).toBe(true);
    expect(filled(heap, 100_000, 9).data[5]).toBe(9);
  });

  test("what is not pinned makes room first", () => {
    const heap = smallHeap();
    const held = Array.from({ length: 10 }, (_, i) => filled(heap, 100_000, i));
    const large = filled(heap, 900_000, -1);
    expect(large.arena.resident).toBe(true);
    expect(held.map(({ data }) => data[5])).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });
});

type Command = readonly [kind: "allocate" | "release" | "pin" | "unpin" | "spill", size: number];

const anyCommand: fc.Arbitrary<Command> = fc.tuple(
  fc.constantFrom("allocate", "allocate", "allocate", "release", "pin", "unpin", "spill"),
  fc.nat(30_000),
);

test("resident arenas never overlap and every array keeps its numbers, whatever happens", () => {
  fc.assert(
    fc.property(fc.array(anyCommand, { minLength: 10, maxLength: 200 }), (commands) => {
      const heap = new Heap({ budget: 2 * MiB, initialBytes: MiB, maximumBytes: 32 * MiB });
      const held: { tensor: HeapTensor; value: number }[] = [];
      for (const [at, [kind, size]] of commands.entries()) {
        const chosen = held[size % Math.max(1, held.length)];
        if (kind === "allocate") held.push({ tensor: filled(heap, size, at), value: at });
        else if (kind === "spill") heap.spill(heap.clock - size * 100);
        else if (kind === "pin") chosen?.tensor.arena.pin();
        else if (kind === "unpin") chosen?.tensor.arena.unpin();
        else if (chosen !== undefined) {
          chosen.tensor.arena.release();
          held.splice(held.indexOf(chosen), 1);
        }
      }
      for (const { tensor, value } of held) {
        expect(tensor.data.every((one) => one === value)).toBe(true);
      }
      const resident = held.filter(({ tensor }) => tensor.arena.resident);
      expect(heap.statistics.arenas).toBe(resident.length);
    }),
    { numRuns: 100 },
  );
});
