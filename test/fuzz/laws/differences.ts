import { gradient, joint } from "@adjoint/autograd";
import { ArgumentError, type Graph, refKey, type Registry, sizeOf, typeOf } from "@adjoint/graph";
import { createTensor, type Plan, type Tensor, toNumbers } from "@adjoint/runtime";
import { Choices } from "../choices.js";
import { argumentsFor, hosts, planned, type Tensors } from "../program.js";
import { rebuild } from "../rebuild.js";
import { attempt, held, judged, skipped, type Verdict } from "./law.js";

/** A program with arguments, and the names of those to differentiate by. */
export interface Point {
  readonly graph: Graph;
  readonly inputs: Tensors;
  readonly wrt: readonly string[];
}

/** Derivatives and difference quotients may differ by this, relative to 1 + their size. */
const tolerance = 1e-5;
/** Two quotients that differ by more show a kink, or a function too steep for them. */
const agreement = 1e-6;
const steps = [1e-3, 2.7e-4] as const;
const resamplings = 4;

/** Arguments and heads in, gradients out. Differentiated by float64 only. */
export function gradientPoint({ graph, inputs, wrt }: Point, registry: Registry): Point {
  const heads = float64Results(graph);
  const all = joint(gradient(graph, { wrt, heads, registry }), registry);
  const outputs = all.outputs.slice(graph.outputs.length);
  const added = all.inputs.filter(
    ({ name, role }) => role !== "const" && inputs[name] === undefined,
  );
  const numbers = argumentsFor(all, inputs);
  const names = all.inputs.filter(({ role }) => role !== "const").map(({ name }) => name);
  const complete = Object.fromEntries(names.map((name, at) => [name, numbers[at] ?? empty]));
  const widened = [...wrt, ...added.map(({ name }) => name)];
  return { graph: { ...all, outputs }, inputs: complete, wrt: widened };
}

const empty: Tensor = createTensor({ dtype: "float64", shape: [0] });

function float64Results(graph: Graph): string[] {
  return graph.outputs
    .filter(({ ref }) => typeOf(graph, ref).dtype === "float64")
    .map(({ name }) => name);
}

/** Which results have a head gradient: those of float64, and of several outputs of one value the first. */
function differentiatedResults(graph: Graph): boolean[] {
  const keys = graph.outputs.map(({ ref }) => refKey(ref));
  return graph.outputs.map(
    ({ ref }, at) => typeOf(graph, ref).dtype === "float64" && keys.indexOf(refKey(ref)) === at,
  );
}

/** A gradient against quotients, at one point along one direction. */
type Outcome =
  | { readonly kind: "equal" | "rough"; readonly why: string }
  | { readonly kind: "different"; readonly why: string };

class Comparison {
  private readonly forward: Plan;
  private readonly backward: Plan;
  private readonly results: readonly boolean[];

  constructor(
    private readonly point: Point,
    derived: Point,
    registry: Registry,
  ) {
    this.forward = planned(point.graph, registry);
    this.backward = planned(derived.graph, registry);
    this.names = derived.graph.inputs
      .filter(({ role }) => role !== "const")
      .map(({ name }) => name);
    this.results = differentiatedResults(point.graph);
  }

  private readonly names: readonly string[];

  /** Moves all arguments a little; tells whether derivative and quotients agree there. */
  at(seed: number, heads: Tensors): Outcome {
    const choices = new Choices(seed);
    const { inputs, wrt } = this.point;
    const place = seed === 0 ? inputs : this.moved(inputs, this.direction(choices), 0.05);
    const along = this.direction(choices);
    const given = { ...place, ...heads };
    const gradients = this.backward.run(
      this.names.map((name) => given[name] ?? empty),
      { hosts },
    );
    const symbolic = wrt.reduce(
      (sum, name, at) => sum + dot(gradients[at] ?? empty, along[name] ?? empty),
      0,
    );
    return this.judge(symbolic, place, along, heads);
  }

  private judge(symbolic: number, place: Tensors, along: Tensors, heads: Tensors): Outcome {
    const weights = Object.values(heads);
    const value = (distance: number) => this.value(this.moved(place, along, distance), weights);
    const quotients = steps.map((step) => {
      const quotient = (h: number) => (value(h) - value(-h)) / (2 * h);
      return (4 * quotient(step / 2) - quotient(step)) / 3;
    });
    const [coarse = Number.NaN, fine = Number.NaN] = quotients;
    const size = 1 + Math.max(Math.abs(coarse), Math.abs(fine));
    if (!Number.isFinite(coarse) || !Number.isFinite(fine))
      return { kind: "rough", why: "values are not finite" };
    const rounding = (Math.abs(value(0)) * 2e-15) / steps[1];
    if (rounding > agreement * size) return { kind: "rough", why: "values are too large" };
    if (Math.abs(coarse - fine) > agreement * size) return { kind: "rough", why: "kink" };
    const why = `derivative ${symbolic}, quotients ${coarse} and ${fine}`;
    const isEqual = Math.abs(symbolic - fine) <= tolerance * size;
    return { kind: isEqual ? "equal" : "different", why };
  }

  private value(place: Tensors, heads: readonly Tensor[]): number {
    const results = this.forward.run(argumentsFor(this.point.graph, place), { hosts });
    const differentiated = results.filter((_, at) => this.results[at]);
    return differentiated.reduce((sum, one, at) => sum + dot(one, heads[at] ?? empty), 0);
  }

  private direction(choices: Choices): Record<string, Tensor> {
    return Object.fromEntries(
      this.point.wrt.map((name) => {
        const type = this.point.inputs[name]?.type ?? empty.type;
        const numbers = Array.from({ length: sizeOf(type.shape) }, () => choices.real(-1, 1));
        return [name, createTensor(type, numbers)];
      }),
    );
  }

  private moved(place: Tensors, along: Tensors, distance: number): Tensors {
    const numbers = Object.entries(place).map(([name, tensor]) => {
      const direction = along[name];
      if (direction === undefined) return [name, tensor] as const;
      const shifts = toNumbers(direction);
      const sums = toNumbers(tensor).map((x, at) => x + distance * (shifts[at] ?? 0));
      return [name, createTensor(tensor.type, sums)] as const;
    });
    return Object.fromEntries(numbers);
  }
}

function dot(a: Tensor, b: Tensor): number {
  const other = toNumbers(b);
  return toNumbers(a).reduce((sum, value, at) => {
    const weight = other[at] ?? 0;
    return weight === 0 ? sum : sum + value * weight;
  }, 0);
}

/**
 * Compares the gradient along a direction with two central quotients of different steps, each extrapolated once. Where
 * these disagree with each other there is a kink nearby, and another point is tried; a wrong gradient can't cause that,
 * as the quotients don't depend on it.
 */
function compareAt(point: Point, derived: Point, registry: Registry): Outcome {
  const comparison = new Comparison(point, derived, registry);
  const names = derived.wrt.filter((name) => !point.wrt.includes(name));
  const heads = Object.fromEntries(names.map((name) => [name, derived.inputs[name] ?? empty]));
  let last: Outcome = { kind: "rough", why: "kink" };
  for (let seed = 0; seed <= resamplings; seed++) {
    const made = attempt(ArgumentError, () => comparison.at(seed, heads));
    last = "value" in made ? made.value : { kind: "rough", why: `refused ${made.reason}` };
    if (last.kind !== "rough") return last;
  }
  return last;
}

/**
 * The same program with a little noise on every value, so that no two are equal by construction. What holds here and
 * not without is decided by convention: which of two equal elements is the larger.
 */
function shaken({ graph, inputs, wrt }: Point, registry: Registry): Point {
  const choices = new Choices(graph.nextId);
  const noisy = rebuild(graph, registry, {
    follow(value) {
      const { type } = value;
      if (type.dtype !== "float64" || sizeOf(type.shape) > 1000) return value;
      const noise = Array.from({ length: sizeOf(type.shape) }, () => choices.real(0.001, 0.02));
      const constant = value.emitter.constant(Float64Array.from(noise), type);
      const [sum] = value.emitter.emit(registry.get("add"), [value, constant], {});
      return sum ?? value;
    },
  });
  const names = noisy.inputs.map(({ name }) => name);
  const left = Object.fromEntries(Object.entries(inputs).filter(([name]) => names.includes(name)));
  return { graph: noisy, inputs: left, wrt: wrt.filter((name) => names.includes(name)) };
}

/** The gradient of a program agrees with difference quotients. */
export function agreesWithDifferences(point: Point, registry: Registry): Verdict {
  if (point.wrt.length === 0 || float64Results(point.graph).length === 0)
    return skipped("nothing to differentiate");
  const outcome = compareAt(point, gradientPoint(point, registry), registry);
  if (outcome.kind === "equal") return held;
  if (outcome.kind === "rough") return skipped(outcome.why);
  const generic = shaken(point, registry);
  const again = compareAt(generic, gradientPoint(generic, registry), registry);
  return again.kind === "equal" ? skipped("tie") : judged("gradient", outcome.why);
}

/** Float64 arguments among those that move. */
export function movingDoubles(graph: Graph, held: readonly string[]): string[] {
  return graph.inputs
    .filter(({ name, role }) => role !== "const" && !held.includes(name))
    .filter(({ type }) => type.dtype === "float64")
    .map(({ name }) => name);
}
