import type { Block } from "./block.js";

/**
 * Neighbouring blocks up to this size together go into one `ArrayBuffer`: making a buffer costs more
 * than copying so much. One array that is still held keeps no more than that alive.
 */
const sharedBytes = 1 << 16;

export interface CopiedOut {
  /** The blocks that stay, with new slots. */
  readonly kept: Block[];
  readonly copiedBytes: number;
}

/**
 * Copies the blocks out of `memory` that are not pinned and were last used before `since`. Where the
 * engine has no more memory for copies, the rest stays.
 */
export function copyOut(
  blocks: readonly Block[],
  memory: ArrayBufferLike,
  since: number,
): CopiedOut {
  const kept: Block[] = [];
  let copiedBytes = 0;
  let refused = false;
  for (let at = 0; at < blocks.length; ) {
    const end: number = refused ? at : endOfRun(blocks, at, since);
    const copied = end > at ? copyRun(blocks, at, end, memory) : 0;
    copiedBytes += copied;
    refused ||= end > at && copied === 0;
    if (copied > 0) at = end;
    else keep(kept, blocks[at++]);
  }
  return { kept, copiedBytes };
}

function keep(kept: Block[], block: Block | undefined): void {
  if (block === undefined) return;
  block.slot = kept.length;
  kept.push(block);
}

function stays({ pins, used }: Block, since: number): boolean {
  return pins > 0 || used >= since;
}

/** End of the blocks from `start` on that lie one behind the other and move out together. */
function endOfRun(blocks: readonly Block[], start: number, since: number): number {
  const first = blocks[start];
  if (first === undefined || stays(first, since)) return start;
  let address = first.address + first.size;
  let end = start + 1;
  for (let block = blocks[end]; block !== undefined; block = blocks[++end]) {
    if (block.address !== address || stays(block, since)) break;
    address += block.size;
    if (address - first.address > sharedBytes) break;
  }
  return end;
}

/** Gives the bytes copied; 0 where there was no memory for them. */
function copyRun(
  blocks: readonly Block[],
  start: number,
  end: number,
  memory: ArrayBufferLike,
): number {
  const from = blocks[start]?.address ?? 0;
  const last = blocks[end - 1];
  const bytes = last === undefined ? 0 : last.address + last.size - from;
  const copy = copyOf(new Uint8Array(memory, from, bytes));
  if (copy === undefined) return 0;
  for (let at = start; at < end; at++) {
    const block = blocks[at];
    if (block === undefined) continue;
    block.copy = copy;
    block.copyOffset = block.address - from;
    block.address = -1;
  }
  return bytes;
}

/** An array made of another is not filled with zeros first. */
function copyOf(source: Uint8Array): ArrayBuffer | undefined {
  try {
    return new Uint8Array(source).buffer;
  } catch {
    return undefined;
  }
}
