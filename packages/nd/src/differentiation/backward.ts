import { equalTypes, sizeOf, type TensorType } from "@adjoint/graph";
import { copyTensor, createTensor, type HostFunctions, type Tensor } from "@adjoint/runtime";
import type { Leaf, NDArray } from "../array/ndarray.js";
import type { Recorder } from "../recording/recorder.js";
import type { Step } from "../recording/step.js";
import { Trace } from "../recording/trace.js";
import { addTensors } from "./addTensors.js";
import { noVariable, notRecorded, released, unfitHead } from "./complaints.js";
import type { GradientPlan } from "./gradientPlan.js";
import { type KeptJoint, runJoint } from "./jointPlan.js";
import { Pending } from "./pending.js";

/** What the reverse pass over recorded programs needs of the session. */
export interface GradientHost {
  readonly recorder: Recorder;
  /** The gradient of a path, from the cache or new. */
  gradientPlan(last: Step, heads: readonly number[]): GradientPlan;
  /** The plan that runs steps and then a gradient, from the cache or new. */
  jointPlan(from: Step, to: Step, gradient: GradientPlan): KeptJoint;
}

/** What a reverse pass found, before anything that the user sees has changed. */
export interface Reversed<G> {
  /** The gradient of each variable reached. */
  readonly gradients: ReadonlyMap<Leaf, G>;
  /** The traces that it went through. */
  readonly passed: readonly Passed[];
}

export interface Passed {
  readonly trace: Trace;
  readonly plan: GradientPlan;
}

/** Runs the gradient of everything that `heads` were computed from. */
export function reverse(
  host: GradientHost,
  heads: readonly NDArray[],
  headGrads: readonly (NDArray | undefined)[],
  trainMode: boolean,
): Reversed<Tensor> {
  const pending = new Pending(addTensors);
  const flows = checkHeads(heads);
  heads.forEach((head, position) => {
    const tensor = headTensor(head, headGrads[position]);
    // A head that is a variable has it for its gradient, which nobody else may hold.
    const given = head.leaf === undefined ? tensor : copyTensor(tensor);
    if (flows[position] === true) pending.set(head, given);
  });
  const passed: Passed[] = [];
  for (let next = pending.next(); next !== undefined; next = pending.next()) {
    const { trace } = next;
    passed.push({ trace, plan: reverseTrace(host, trace, next.heads, pending, trainMode) });
  }
  return { gradients: pending.leaves, passed };
}

/** What follows a reverse pass: running statistics move, and graphs are let go unless they are retained. */
export function conclude(passed: readonly Passed[], retainGraph: boolean): void {
  for (const { trace, plan } of passed) runEffects(trace, plan);
  if (!retainGraph) for (const { trace, plan } of passed) trace.release(plan.reached);
}

function reverseTrace(
  host: GradientHost,
  trace: Trace,
  heads: readonly [number, Tensor][],
  pending: Pending<Tensor>,
  trainMode: boolean,
): GradientPlan {
  const plan = planFor(host, trace, heads);
  const given = heads.map(([, head]) => head);
  const gradients =
    reversePending(host, trace, plan, given) ?? reverseRun(host, trace, plan, given, trainMode);
  distribute(trace, plan, gradients, pending);
  return plan;
}

/** Runs what is pending with its gradient; undefined, and nothing done, where they have to run one after the other. */
function reversePending(
  host: GradientHost,
  trace: Trace,
  plan: GradientPlan,
  heads: readonly Tensor[],
): readonly Tensor[] | undefined {
  if (trace.pending === 0 || trace.hasCustoms) return undefined;
  const joint = host.jointPlan(trace.values.executed, trace.cursor, plan);
  try {
    return runJoint(trace, joint, heads);
  } catch {
    // Step by step, a failure concerns what depends on it only.
    return undefined;
  }
}

/** Runs what is pending, then the gradient. */
function reverseRun(
  host: GradientHost,
  trace: Trace,
  plan: GradientPlan,
  heads: readonly Tensor[],
  trainMode: boolean,
): readonly Tensor[] {
  trace.run();
  const { values } = trace;
  values.ensure(plan.saved);
  const saved = plan.saved.map((index) => values.at(index));
  return host.recorder.aside(trainMode, () =>
    plan.plan().run([...heads, ...saved], { hosts: tensorFunctions(trace) }),
  );
}

/** The gradient of a trace from the given heads. Throws where an earlier backward used it up. */
export function planFor<T>(
  host: GradientHost,
  trace: Trace,
  heads: readonly (readonly [number, T])[],
): GradientPlan {
  const indices = heads.map(([index]) => index);
  const plan = host.gradientPlan(trace.stepOf(Math.max(...indices)), indices);
  if (plan.reached.some((index) => trace.isReleased(index))) throw released();
  return plan;
}

/** Sends the gradients of a trace on to variables and to earlier traces. */
export function distribute<T>(
  trace: Trace,
  plan: GradientPlan,
  gradients: readonly T[],
  pending: Pending<T>,
): void {
  plan.wrt.forEach((index, position) => {
    const gradient = gradients[position];
    const destination = trace.destinations.get(index);
    if (gradient === undefined || destination === undefined) return;
    if (destination.kind === "leaf") pending.addToLeaf(destination.leaf, gradient);
    else pending.addToTrace(destination.trace, destination.index, gradient);
  });
}

/** The backward of custom functions of a trace, by key. */
export function tensorFunctions({ customs }: Trace): HostFunctions {
  return new Map([...customs].map(([key, custom]) => [key, (ins) => custom.onTensors(ins)]));
}

function runEffects(trace: Trace, plan: GradientPlan): void {
  if (trace.effects.length === 0) return;
  const reached = new Set(plan.reached);
  for (const effect of trace.effects) if (reached.has(effect.index)) effect.run();
}

/**
 * For each head whether a gradient starts from it. A head that depends on variables with the request
 * `null` only is let through beside others.
 *
 * @throws GradientError, ReleasedGraphError for a head that no gradient can start from
 */
export function checkHeads(heads: readonly NDArray[]): readonly boolean[] {
  const flows = heads.map(startsGradient);
  if (flows.includes(true)) return flows;
  throw noVariable(heads.map(({ type }) => type));
}

function startsGradient({ leaf, trace, tracked, index, type }: NDArray): boolean {
  if (leaf !== undefined) return leaf.req !== "null";
  if (trace instanceof Trace) {
    if (tracked && trace.isReleased(index)) throw released();
    if (tracked) return true;
    if (trace.dependsOnSilent(index)) return false;
  }
  throw notRecorded(type);
}

/** The head gradient given, checked; ones if there is none. */
export function headTensor(head: NDArray, given: NDArray | undefined): Tensor {
  if (given === undefined) return ones(head.type);
  if (equalTypes(given.type, head.type)) return given.share();
  throw unfitHead(given.type, head.type);
}

/** Head gradients of small results, which nobody writes to. */
const knownOnes = new WeakMap<TensorType, Tensor>();
const smallSize = 64;

function ones(type: TensorType): Tensor {
  const known = knownOnes.get(type);
  if (known !== undefined) return known;
  const tensor = filledWithOnes(type);
  if (sizeOf(type.shape) <= smallSize) knownOnes.set(type, tensor);
  return tensor;
}

function filledWithOnes(type: TensorType): Tensor {
  const tensor = createTensor(type);
  if (tensor.data instanceof BigInt64Array) tensor.data.fill(1n);
  else tensor.data.fill(type.dtype === "float16" ? 0x3c00 : 1);
  return tensor;
}

/**
 * Writes gradients, which nobody else holds, into the variables' buffers, as each asked for; all or none. Those
 * from before give their memory back, unless somebody took them over.
 */
export function writeGradients(gradients: ReadonlyMap<Leaf, Tensor>): void {
  const sums = new Map<Leaf, Tensor>();
  for (const [leaf, gradient] of gradients) {
    if (leaf.req === "add") sums.set(leaf, addTensors(leaf.grad.tensor(), gradient));
  }
  for (const [leaf, gradient] of gradients) {
    if (leaf.req !== "null") leaf.grad.overwrite(sums.get(leaf) ?? gradient, "own");
  }
}
