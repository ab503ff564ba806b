/** A kernel for given sizes, ready to run on addresses. */
export interface PreparedKernel {
  /** Bytes of scratch memory that a run may use; their contents do not matter before or after. */
  readonly scratchBytes: number;
  /**
   * Computes the results, whatever their memory held. Addresses are those of the arguments, then of the results, in the
   * kernel's order; where there are only two, the third is not used.
   */
  run(first: number, second: number, third: number, scratch: number): void;
  /**
   * At most `parts` kernels with the same addresses, which together leave the same bits as this one. They may run at the
   * same time, each with scratch memory of its own.
   */
  split(parts: number): readonly PreparedKernel[];
}

/** The numbers from `from` up to `to`, without it. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Cuts 0 to `count` in at most `parts` spans, none of them empty, whose inner ends are multiples of `unit`. */
export function splitSpan(count: number, parts: number, unit = 1): readonly Span[] {
  const units = Math.ceil(count / unit);
  const spans: Span[] = [];
  for (let part = 0; part < parts; part++) {
    const from = Math.floor((units * part) / parts) * unit;
    const to = Math.min(count, Math.floor((units * (part + 1)) / parts) * unit);
    if (from < to) spans.push({ from, to });
  }
  return spans;
}
