/**
 * Words of shared memory through which threads speak, as 4-byte offsets. Each that several threads
 * write often has a cache line of its own.
 */
export const controlWords = {
  /** Number of the current job: workers wait for it to change. */
  epoch: 0,
  /** What the job is. */
  plan: 1,
  list: 2,
  /** Workers that sleep and must be woken for a job. */
  sleepers: 16,
  /** Messages sent to the workers so far: they leave their wait to take them in. */
  mail: 32,
  /** Barriers passed so far, and threads that have reached the next one. */
  phase: 48,
  arrived: 64,
  /** Threads that sleep at the barrier. */
  waiting: 80,
  /** Of each worker, a line each from here on: plans that it has. */
  ready: 96,
} as const;

/** Workers at the most. */
export const workerLimit = 63;

export const controlBytes = (controlWords.ready + 16 * (workerLimit + 1)) * 4;

/**
 * Turns of a waiting loop before a thread goes to sleep: some 100 microseconds, at a barrier in
 * generated code, and between jobs in JavaScript. To fall asleep and be woken takes longer than most
 * steps of plans; a thread that keeps another from its core gives it up soon.
 */
export const spinTurns = { barrier: 80_000, idle: 10_000 } as const;

/** The word in which a worker says how many plans it has. */
export function readyWord(worker: number): number {
  return controlWords.ready + 16 * worker;
}
