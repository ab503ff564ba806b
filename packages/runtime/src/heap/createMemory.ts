/** Bytes of a page of WebAssembly memory. */
export const pageBytes = 1 << 16;

export interface HeapMemory {
  readonly memory: WebAssembly.Memory;
  readonly shared: boolean;
  /** Most bytes that it can have. */
  readonly maximumBytes: number;
}

/**
 * A memory of at most `maximumBytes`. It is shared where the engine has that, since views of a shared
 * memory survive its growth; else it has its full size from the start. An engine that refuses so much
 * address space is asked for less. Throws the engine's error where it gives none.
 */
export function createMemory(initialBytes: number, maximumBytes: number): HeapMemory {
  const initial = Math.ceil(initialBytes / pageBytes);
  let refusal: unknown;
  for (let maximum = pagesOf(maximumBytes); maximum >= initial; maximum = maximum >> 1) {
    try {
      return memoryOf(initial, maximum);
    } catch (error) {
      refusal = error;
    }
  }
  throw refusal;
}

function memoryOf(initial: number, maximum: number): HeapMemory {
  const maximumBytes = maximum * pageBytes;
  const shared = sharedMemory(initial, maximum);
  if (shared !== undefined) return { memory: shared, shared: true, maximumBytes };
  const memory = new WebAssembly.Memory({ initial: maximum, maximum });
  return { memory, shared: false, maximumBytes };
}

/** Engines hide `SharedArrayBuffer` from pages that are not isolated, and still give shared memories. */
function sharedMemory(initial: number, maximum: number): WebAssembly.Memory | undefined {
  try {
    return new WebAssembly.Memory({ initial, maximum, shared: true });
  } catch {
    return undefined;
  }
}

function pagesOf(bytes: number): number {
  return Math.max(1, Math.floor(bytes / pageBytes));
}
