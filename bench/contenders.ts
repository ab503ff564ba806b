import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { WorkloadName } from "./workloads/index.js";

/** A system under measurement, in one of its modes. */
export interface ContenderSpec {
  /** What `--peer` takes, and results are filed under. */
  readonly name: string;
  /** The head of its column. */
  readonly title: string;
  readonly ours: boolean;
  readonly threads: 1 | 2;
  /** The program and its arguments. */
  readonly command: (workload: WorkloadName) => readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Workloads that it cannot run, or not in reasonable time. */
  readonly lacks: readonly WorkloadName[];
  /** It measures the machine and computes nothing that could be compared. */
  readonly isGauge?: true;
}

export const root = fileURLToPath(new URL("..", import.meta.url));
/** Where bundles go: below `bench`, so that they find the peers' packages. */
export const bundles = `${root}bench/out`;

const forwardOnly: readonly WorkloadName[] = ["W3_fwd", "W4_fwd", "W5_fwd", "W6_fwd"];
const products: readonly WorkloadName[] = ["W7_256", "W7_512", "W7_1024"];
/** Where a wider vector unit is to be seen. */
const arithmetic: readonly WorkloadName[] = [
  "W3",
  "W3big",
  "W4",
  "W4conv",
  "W5",
  "W6",
  "W7g_512",
  "W9",
  ...products,
];

const revectorize = "--experimental-wasm-revectorize";

const bundled = (name: string) => `${bundles}/${name}.js`;

function ours(
  name: string,
  title: string,
  threads: 1 | 2,
  way: string,
): Omit<ContenderSpec, "command" | "lacks"> & { readonly arguments: readonly string[] } {
  return { name, title, ours: true, threads, arguments: [way, String(threads)] };
}

function everythingBut(all: readonly WorkloadName[], some: readonly WorkloadName[]) {
  return all.filter((name) => !some.includes(name));
}

/** Our ways on the Node that runs the benchmark. */
function ownContenders(): ContenderSpec[] {
  return [
    ours("recorded", "recorded", 1, "recorded"),
    ours("compiled", "compiled", 1, "compiled"),
    ours("compiled-2", "compiled, 2 threads", 2, "compiled"),
  ].map(({ arguments: rest, ...spec }) => ({
    ...spec,
    command: (workload) => [process.execPath, bundled("ours"), workload, ...rest],
    lacks: [],
  }));
}

/** Our ways on a newer Node, whose compiler joins neighbouring vectors of 128 bits. */
function newerNodeContenders(node24: string, all: readonly WorkloadName[]): ContenderSpec[] {
  return [
    ours("compiled-node24", "compiled, Node 24", 1, "compiled"),
    ours("compiled-2-node24", "compiled, 2 threads, Node 24", 2, "compiled"),
  ].map(({ arguments: rest, ...spec }) => ({
    ...spec,
    command: (workload) => [node24, bundled("ours"), workload, ...rest, "wide"],
    lacks: everythingBut(all, arithmetic),
  }));
}

/** The arithmetic of one core, as products could use it at best. */
function peaks(node24: string | undefined, all: readonly WorkloadName[]): ContenderSpec[] {
  const gauge = (name: string, title: string, command: readonly string[]): ContenderSpec => ({
    ...{ name, title, ours: false, threads: 1, isGauge: true, lacks: everythingBut(all, products) },
    command: (workload) => {
      const [node = "", ...flags] = command;
      const width = flags.length === 0 ? "128" : "256";
      return [node, ...flags, bundled("peak"), workload, width];
    },
  });
  const narrow = gauge("peak", "128-bit peak", [process.execPath]);
  if (node24 === undefined) return [narrow];
  return [narrow, gauge("peak-node24", "256-bit peak, Node 24", [node24, revectorize])];
}

/** Peers that npm carries. */
function npmContenders(all: readonly WorkloadName[]): ContenderSpec[] {
  const peer = (
    name: string,
    title: string,
    program: string,
    mode: readonly string[],
    lacks: readonly WorkloadName[],
  ): ContenderSpec => ({
    ...{ name, title, ours: false, threads: 1, lacks },
    command: (workload) => [process.execPath, bundled(program), workload, ...mode],
  });
  const notForward = everythingBut(all, [...forwardOnly, ...products]);
  // Convolutions have no gradient with TensorFlow.js' wasm, and take seconds with its cpu.
  return [
    peer("jaxjs", "jax-js wasm", "jaxjs", [], ["W2", "W8_10k", ...forwardOnly]),
    peer("tfjs-wasm", "TF.js wasm", "tfjs", ["wasm"], ["W4", "W4conv", "W9", ...forwardOnly]),
    peer(
      "tfjs-cpu",
      "TF.js cpu",
      "tfjs",
      ["cpu"],
      [...(["W3big", "W4", "W4conv", "W7_1024", "W9"] satisfies WorkloadName[]), ...forwardOnly],
    ),
    peer("ort-web", "onnxruntime wasm", "onnxruntime", ["web"], notForward),
    peer("ort-node", "onnxruntime native", "onnxruntime", ["node"], notForward),
  ];
}

/** Peers in Python, where an environment is named. */
function pythonContenders(): ContenderSpec[] {
  const peer = (
    system: string,
    suffix: string,
    threads: 1 | 2,
    mode: readonly string[],
    lacks: readonly WorkloadName[],
  ): ContenderSpec[] => {
    const specific = process.env[`BENCH_PYTHON_${system.toUpperCase()}`];
    const python = specific ?? process.env.BENCH_PYTHON;
    if (python === undefined) return [];
    const script = `${root}bench/peers/python/${system}_peer.py`;
    const title = `${titles[system] ?? system}${suffix === "" ? "" : `, ${suffix}`}`;
    return [
      {
        ...{ title, ours: false, threads, lacks: [...lacks, ...forwardOnly] },
        name: [system, ...suffix.split(" ").slice(0, 1)].filter(Boolean).join("-"),
        command: (workload) => [python, script, workload, ...mode],
        environment: threadVariables(threads),
      },
    ];
  };
  return [
    ...peer("mxnet", "imperative", 1, ["imperative"], ["W9"]),
    ...peer("mxnet", "hybrid", 1, ["hybrid"], ["W2", "W9", ...products]),
    ...peer("torch", "", 1, ["1"], []),
    ...peer("torch", "2 threads", 2, ["2"], []),
    // 10,000 unrolled operations compile for more than five minutes.
    ...peer("jax", "", 1, [], ["W8_10k"]),
    ...peer("jax", "2 threads", 2, [], ["W8_10k"]),
  ];
}

const titles: Readonly<Record<string, string>> = {
  mxnet: "MXNet",
  torch: "PyTorch eager",
  jax: "JAX jit",
};

function threadVariables(threads: number): Readonly<Record<string, string>> {
  const names = ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NPROC"];
  const counts = Object.fromEntries(names.map((name) => [name, String(threads)]));
  return { ...counts, PYTHONDONTWRITEBYTECODE: "1" };
}

/** Everything that can be measured here. */
export function contenders(
  all: readonly WorkloadName[],
  node24: string | undefined,
): readonly ContenderSpec[] {
  return [
    ...ownContenders(),
    ...(node24 === undefined ? [] : newerNodeContenders(node24, all)),
    ...peaks(node24, all),
    ...npmContenders(all),
    ...pythonContenders(),
  ].filter(({ command }) => existsSync(command("W1")[0] ?? ""));
}
