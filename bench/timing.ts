/** What one turn of measuring gave, in microseconds per iteration. */
export interface Timing {
  readonly median: number;
  readonly minimum: number;
  readonly p90: number;
  readonly iterations: number;
}

/** Short iterations are timed in batches of about this length, so that reading the clock does not count. */
const batchMicroseconds = 50;
const mostSamples = 20_000;

const now = () => performance.now() * 1000;

/** Iterations for about `milliseconds`, at least one. */
export function measure(step: () => void, milliseconds: number): Timing {
  const start = now();
  step();
  const batch = batchFor(now() - start);
  const samples: number[] = [];
  do {
    const from = now();
    for (let at = 0; at < batch; at++) step();
    samples.push((now() - from) / batch);
  } while (now() - start < milliseconds * 1000 && samples.length < mostSamples);
  return timingOf(samples, batch);
}

/** As `measure`, for steps that are waited for. */
export async function measureAsync(
  step: () => Promise<unknown>,
  milliseconds: number,
): Promise<Timing> {
  const start = now();
  await step();
  const batch = batchFor(now() - start);
  const samples: number[] = [];
  do {
    const from = now();
    for (let at = 0; at < batch; at++) await step();
    samples.push((now() - from) / batch);
  } while (now() - start < milliseconds * 1000 && samples.length < mostSamples);
  return timingOf(samples, batch);
}

function batchFor(microseconds: number): number {
  return Math.max(1, Math.floor(batchMicroseconds / Math.max(microseconds, 0.1)));
}

function timingOf(samples: number[], batch: number): Timing {
  const sorted = samples.sort((a, b) => a - b);
  return {
    median: quantile(sorted, 0.5),
    minimum: quantile(sorted, 0),
    p90: quantile(sorted, 0.9),
    iterations: samples.length * batch,
  };
}

/** A quantile of sorted numbers, interpolated. */
export function quantile(sorted: readonly number[], share: number): number {
  const place = share * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  if (low === undefined || high === undefined) return Number.NaN;
  return low + (high - low) * (place - Math.floor(place));
}

export function median(values: readonly number[]): number {
  return quantile(
    [...values].sort((a, b) => a - b),
    0.5,
  );
}
