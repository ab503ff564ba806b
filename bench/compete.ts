import { readFileSync } from "node:fs";
import { type Check, differenceOf } from "./check.js";
import { ContenderProcess } from "./contenderProcess.js";
import type { ContenderSpec } from "./contenders.js";
import type { Measurement } from "./results.js";
import { median, type Timing } from "./timing.js";
import type { WorkloadName } from "./workloads/index.js";

export interface Settings {
  /** Turns of each contender. */
  readonly rounds: number;
  /** Length of a turn. */
  readonly milliseconds: number;
  /** Time before the first turn in which an engine may still compile. */
  readonly warmUp: number;
  /** Seconds until a contender that has not got ready is given up. */
  readonly patience: number;
}

/** Seconds that a contender may spend on a workload: slow ones have fewer turns. */
const budget = 6;

/** Seconds after which no further turn is spent on warming up, and how many in a row bring nothing at its end. */
const warmUpBudget = 4;
const settledTurns = 3;

/** Milliseconds of a profile. */
const profileTime = 500;

const expected: Readonly<Record<string, Check>> = JSON.parse(
  readFileSync(new URL("expected.json", import.meta.url), "utf8"),
);

/** A contender between its turns. */
interface Entrant {
  readonly spec: ContenderSpec;
  readonly process: ContenderProcess;
  readonly firstIteration: number;
  readonly turns: Timing[];
  spent: number;
  error?: string;
}

/**
 * All contenders on one workload. Each gets ready and has its numbers compared; then they take turns, so that whatever
 * else the machine does meets all of them.
 */
export async function compete(
  workload: WorkloadName,
  specs: readonly ContenderSpec[],
  settings: Settings,
  noteVersion: (contender: string, version: string) => void,
): Promise<Measurement[]> {
  const entrants: Entrant[] = [];
  const refused: Measurement[] = [];
  for (const spec of specs.filter(({ lacks }) => !lacks.includes(workload))) {
    const entrant = await enter(spec, workload, settings, noteVersion);
    if ("process" in entrant) entrants.push(entrant);
    else refused.push(entrant);
  }
  for (let round = 0; round < settings.rounds; round++) {
    // Another one begins in each round.
    const first = round % Math.max(entrants.length, 1);
    for (const entrant of [...entrants.slice(first), ...entrants.slice(0, first)]) {
      await takeTurn(entrant, settings);
    }
  }
  const measured: Measurement[] = [];
  for (const entrant of entrants) measured.push(await leave(entrant, workload));
  return [...measured, ...refused];
}

async function enter(
  spec: ContenderSpec,
  workload: WorkloadName,
  { patience, warmUp }: Settings,
  noteVersion: (contender: string, version: string) => void,
): Promise<Entrant | Measurement> {
  const process = new ContenderProcess(spec, workload);
  const refusal = (error: string): Measurement => {
    process.kill();
    return { workload, contender: spec.name, error };
  };
  try {
    const { check, firstIteration, version } = await process.ready(patience);
    if (version !== undefined) noteVersion(spec.name, version);
    const wanted = expected[workload];
    if (wanted === undefined) throw new Error("no numbers to compare");
    const wrong = spec.isGauge === true ? undefined : differenceOf(check, wanted);
    if (wrong !== undefined) return refusal(`other numbers: ${wrong}`);
    const start = performance.now();
    const turn = await warmedUp(process, warmUp, patience);
    const spent = (performance.now() - start) / 1000;
    // What takes so long has no need of more turns.
    return { spec, process, firstIteration, turns: spent > budget / 2 ? [turn] : [], spent };
  } catch (error) {
    return refusal(error instanceof Error ? error.message : String(error));
  }
}

/**
 * Turns until several in a row have no iteration that is clearly faster than those before: compilers take their time,
 * the more so where other processes have the cores, and programs are interpreted until code for them has paid. Gives
 * the last.
 */
async function warmedUp(
  process: ContenderProcess,
  milliseconds: number,
  patience: number,
): Promise<Timing> {
  const start = performance.now();
  let turn = await process.measure(milliseconds, patience);
  let fastest = turn.minimum;
  for (let settled = 0; settled < settledTurns; ) {
    if (performance.now() - start > warmUpBudget * 1000) break;
    turn = await process.measure(milliseconds, patience);
    settled = turn.minimum > 0.9 * fastest ? settled + 1 : 0;
    fastest = Math.min(fastest, turn.minimum);
  }
  return turn;
}

async function takeTurn(entrant: Entrant, { milliseconds, patience }: Settings): Promise<void> {
  if (entrant.error !== undefined) return;
  if (entrant.spent > budget && entrant.turns.length > 0) return;
  const start = performance.now();
  try {
    entrant.turns.push(await entrant.process.measure(milliseconds, patience));
  } catch (error) {
    entrant.error = error instanceof Error ? error.message : String(error);
    entrant.process.kill();
  }
  entrant.spent += (performance.now() - start) / 1000;
}

async function leave(entrant: Entrant, workload: WorkloadName): Promise<Measurement> {
  const { spec, turns, firstIteration, error } = entrant;
  const row = { workload, contender: spec.name };
  if (error !== undefined) return { ...row, error };
  try {
    const shares = spec.ours ? await entrant.process.profile(profileTime, 30) : undefined;
    const { peakRssMiB } = await entrant.process.stop(10);
    return {
      ...row,
      median: median(turns.map((turn) => turn.median)),
      minimum: Math.min(...turns.map((turn) => turn.minimum)),
      p90: median(turns.map((turn) => turn.p90)),
      rounds: turns.map((turn) => turn.median),
      iterations: turns.reduce((sum, { iterations }) => sum + iterations, 0),
      firstIteration,
      peakRssMiB,
      ...(shares === undefined ? {} : { shares }),
    };
  } catch (failure) {
    return { ...row, error: failure instanceof Error ? failure.message : String(failure) };
  } finally {
    entrant.process.kill();
  }
}
