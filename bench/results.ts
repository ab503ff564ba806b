import type { WorkloadName } from "./workloads/index.js";

/** Where time goes. */
export const costs = [
  "products",
  "windows",
  "maps",
  "reductions",
  "other kernels",
  "calls",
  "memory",
] as const;

export type Cost = (typeof costs)[number];

/** Parts of 1, of a profile that is taken after the last turn. */
export type Shares = { readonly [cost in Cost]: number };

/** One contender on one workload. Times in microseconds per iteration. */
export interface Measurement {
  readonly workload: WorkloadName;
  readonly contender: string;
  /** Why there are no numbers. */
  readonly error?: string;
  /** The median of the rounds' medians. */
  readonly median?: number;
  readonly minimum?: number;
  readonly p90?: number;
  /** The median of each round: how quiet the machine was. */
  readonly rounds?: readonly number[];
  readonly iterations?: number;
  /** From inputs in place to the first gradients. */
  readonly firstIteration?: number;
  readonly peakRssMiB?: number;
  readonly shares?: Shares;
}

export interface ColdStart {
  readonly contender: string;
  /** From the start of a process to its first printed gradient, milliseconds. */
  readonly median: number;
  readonly minimum: number;
}

export interface Growth {
  readonly operations: number;
  /** Microseconds per operation of each phase. */
  readonly phases: Readonly<Record<string, number>>;
}

export interface InstallSize {
  readonly contender: string;
  /** With all that it depends on. */
  readonly mebibytes: number;
  readonly packages: number;
}

export interface Results {
  readonly date: string;
  readonly machine: {
    readonly processor: string;
    readonly cores: number;
    readonly memoryGiB: number;
    readonly system: string;
    /** Whether contenders of one thread were held to one core. */
    readonly pinned: boolean;
    /** Processes that wanted a core, on average over the last minute, before and after. */
    readonly load: readonly [number, number];
  };
  readonly versions: Readonly<Record<string, string>>;
  readonly settings: {
    readonly rounds: number;
    readonly milliseconds: number;
    readonly seconds: number;
  };
  readonly contenders: readonly {
    readonly name: string;
    readonly title: string;
    readonly ours: boolean;
    readonly threads: number;
  }[];
  readonly measurements: readonly Measurement[];
  readonly coldStarts: readonly ColdStart[];
  readonly growth: readonly Growth[];
  readonly installSizes: readonly InstallSize[];
}
