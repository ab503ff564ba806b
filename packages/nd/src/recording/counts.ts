/** What the recorder has done so far. Exact, never reset by itself. */
export interface Counts {
  /** Recorded programs that took a path not seen before. */
  readonly traces: number;
  /** Of these, the ones that began with operations seen before, and then left them: another branch or attribute. */
  readonly retraces: number;
  /** Execution plans made. */
  readonly plans: number;
  /** Executions of a plan that was there already. */
  readonly replays: number;
  /** Runs that computed again what no earlier run of the path had been asked for, and so had not kept. */
  readonly recomputations: number;
}

/** `Counts` in the making. */
export class Counter implements Counts {
  traces = 0;
  retraces = 0;
  plans = 0;
  replays = 0;
  recomputations = 0;

  snapshot(): Counts {
    const { traces, retraces, plans, replays, recomputations } = this;
    return { traces, retraces, plans, replays, recomputations };
  }
}
