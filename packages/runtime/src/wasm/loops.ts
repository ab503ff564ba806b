import type { FunctionBuilder, Value } from "./assembler/index.js";

/** One of several loops inside each other: how often, and for each variable its stride. */
export interface LoopLevel {
  readonly count: Value<"i32">;
  readonly strides: readonly Value<"i32">[];
}

/**
 * Runs `body` once for each combination of indices; each variable is its start plus index times
 * stride, summed.
 */
export function nestedLoops(
  code: FunctionBuilder,
  levels: readonly LoopLevel[],
  starts: readonly Value<"i32">[],
  body: (at: readonly Value<"i32">[]) => void,
): void {
  const [level, ...inner] = levels;
  if (level === undefined) {
    body(starts);
    return;
  }
  const at = starts.map((start) => code.variable("i32", start));
  code.countUp(code.variable("i32", 0), level.count, 1, () => {
    nestedLoops(code, inner, at, body);
    for (const [i, variable] of at.entries()) {
      const stride = level.strides[i];
      if (stride !== undefined) code.increase(variable, stride);
    }
  });
}
