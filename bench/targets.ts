import { digits, ratioText } from "./format.js";
import { Lookup, type Table } from "./table.js";
import type { Results } from "./results.js";

/** A goal: a ratio, and what it has to reach. */
interface Target {
  /** Its name in `limits.json`, where it may be missed. */
  readonly name?: string;
  readonly work: string;
  readonly against: string;
  readonly atLeast: number;
  /** Undefined where something was not measured. */
  readonly reached: number | undefined;
  readonly unit: "×" | "%";
}

const forward = /_fwd$/;

function least(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

function geometricMean(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  if (known.length === 0) return undefined;
  return Math.exp(known.reduce((sum, value) => sum + Math.log(value), 0) / known.length);
}

function targets(results: Results): Target[] {
  const lookup = new Lookup(results);
  const base = lookup.base();
  const all = lookup.workloads().filter((name) => !forward.test(name));
  const ratio = (workload: string, own: string, other: string) =>
    lookup.ratio(workload, own, other);
  const wasm = all.map((name) =>
    least([ratio(name, base, "jaxjs"), ratio(name, base, "tfjs-wasm")]),
  );
  const imperative = all.map((name) => ratio(name, "recorded", "mxnet-imperative"));
  const tiny = ["W1", "W2", "W8_1k"];
  const products = ["W7_256", "W7_512", "W7_1024"];
  const deep = ["W3", "W3big", "W4", "W5"];
  const wide = results.contenders.some(({ name }) => name === "compiled-2-node24")
    ? "compiled-2-node24"
    : "compiled-node24";
  const share = (own: string, peak: string) => {
    const found = least(products.map((name) => ratio(name, own, peak)));
    return found === undefined ? undefined : 100 * found;
  };
  const row = (
    work: string,
    against: string,
    atLeast: number,
    reached: number | undefined,
    unit: Target["unit"] = "×",
  ): Target => ({ work, against, atLeast, reached, unit });
  const limited = (name: string, target: Target): Target => ({ ...target, name });
  const cold = (name: string) =>
    results.coldStarts.find(({ contender }) => contender === name)?.median;
  const [ours, theirs] = [cold("adjoint"), cold("jaxjs")];
  return [
    limited(
      "wasm peers",
      row(`every workload, ${base}`, "the better of jax-js wasm and TF.js wasm", 2.5, least(wasm)),
    ),
    row("their geometric mean", "the same", 8, geometricMean(wasm)),
    limited("recorded", row("every workload, recorded", "MXNet imperative", 2, least(imperative))),
    row(
      "seed step, control flow, 1k small operations, recorded",
      "MXNet imperative",
      10,
      least(tiny.map((name) => ratio(name, "recorded", "mxnet-imperative"))),
    ),
    row(`seed step, ${base}`, "JAX jit", 5, ratio("W1", base, "jax")),
    row(`control flow, ${base}`, "JAX jit", 5, ratio("W2", base, "jax")),
    row(`1k small operations, ${base}`, "JAX jit", 3, ratio("W8_1k", base, "jax")),
    row(`1k small operations, ${base}`, "PyTorch eager", 100, ratio("W8_1k", base, "torch")),
    row(`elementwise chain, ${base}`, "JAX jit", 1.2, ratio("W6", base, "jax")),
    row(`elementwise chain, ${base}`, "PyTorch eager", 2, ratio("W6", base, "torch")),
    limited(
      "products",
      row(`products, n ≥ 256, ${base}`, "128-bit peak", 90, share(base, "peak"), "%"),
    ),
    limited(
      "products, Node 24",
      row(
        "products, n ≥ 256, Node 24",
        "256-bit peak",
        85,
        share("compiled-node24", "peak-node24"),
        "%",
      ),
    ),
    row(
      "MLP, CNN, transformer, Node 24",
      "JAX jit, 2 threads",
      0.6,
      least(deep.map((name) => ratio(name, wide, "jax-2"))),
    ),
    limited(
      "steps, Node 24",
      row(
        "the same",
        "PyTorch eager, 2 threads",
        1,
        least(deep.map((name) => ratio(name, wide, "torch-2"))),
      ),
    ),
    row(
      "the same",
      "MXNet hybrid",
      1.5,
      least(deep.map((name) => ratio(name, wide, "mxnet-hybrid"))),
    ),
    row(
      "two threads, product of n = 1024",
      "one thread",
      1.7,
      ratio("W7_1024", "compiled-2", "compiled"),
    ),
    row("two threads, large MLP", "one thread", 1.7, ratio("W3big", "compiled-2", "compiled")),
    limited(
      "first gradient",
      row(
        "first gradient of a fresh process",
        "jax-js",
        2,
        ours === undefined || theirs === undefined ? undefined : theirs / ours,
      ),
    ),
  ];
}

/** Each goal with what was reached, and what limits it where it is missed; those not measured are left out. */
export function targetTable(
  results: Results,
  limits: Readonly<Record<string, string>> = {},
): Table {
  const text = (value: number, unit: Target["unit"]) =>
    unit === "×" ? ratioText(value) : `${digits(value)} %`;
  const verdict = ({ atLeast, name }: Target, reached: number) =>
    reached >= atLeast ? "yes" : ["no", limits[name ?? ""] ?? ""].filter(Boolean).join(": ");
  return {
    title: "Goals",
    head: ["work", "against", "goal", "reached", ""],
    rows: targets(results).flatMap((target) => {
      const { work, against, atLeast, reached, unit } = target;
      if (reached === undefined) return [];
      const goal = `${atLeast}${unit === "×" ? "×" : " %"}`;
      return [[work, against, goal, text(reached, unit), verdict(target, reached)]];
    }),
  };
}
