import {
  byteLengthOf,
  type Graph,
  type KernelKind,
  type NodeId,
  nodeOf,
  refKey,
  type TensorType,
} from "@adjoint/graph";
import { at } from "../../kernels/prepare.js";
import type {
  BufferDescription,
  LoopDescription,
  NestDescription,
  PlanDescription,
  SlotDescription,
  StepCode,
  StepDescription,
} from "../../plan/planDescription.js";
import type { Nest } from "../fuse/index.js";
import type { CompiledPlan } from "./compiledPlan.js";
import type { PlanStep } from "./planStep.js";
import type { StepKernel } from "./stepKernel.js";
import { partsOf } from "./threadLists.js";

export interface DescribeOptions {
  /** The row that a planned node is a part of; the node itself where it says nothing. */
  readonly rowOf: ReadonlyMap<NodeId, NodeId>;
  readonly threads: number;
  /** Bytes of the arena with scratch memory for all threads. */
  readonly arenaBytes: number;
}

function loopsOf({ group, rows, inner, lane }: Nest): LoopDescription[] {
  const order = [...rows, ...inner, ...(rows.includes(lane) ? [] : [lane])];
  return order.map((axis) => {
    const { length, reduced } = at(group.axes, axis);
    return { length, reduced, vector: axis === lane };
  });
}

/** Numbers for functions of groups, in order of appearance. */
class FunctionNumbers {
  private readonly known = new Map<string, number>();

  of(key: string): number {
    const number = this.known.get(key) ?? this.known.size;
    this.known.set(key, number);
    return number;
  }
}

function codeOf(
  step: PlanStep,
  kernel: StepKernel | undefined,
  reason: string,
  numbers: FunctionNumbers,
): StepCode {
  switch (step.kind) {
    case "group":
      return { kind: "fused", ...at(nestsIn(kernel, numbers), 0) };
    case "banded": {
      const { functions } = librariesIn(kernel);
      const [first, second] = nestsIn(kernel, numbers);
      const before = step.before && first;
      const after = step.after && (step.before === undefined ? first : second);
      const product = { kernel: step.product.kernel.kind, functions };
      return { kind: "banded", ...product, bands: step.bands.length, before, after };
    }
    case "kernel":
      return kernelCode(step.kernel.kind, kernel, reason);
    default:
      return step satisfies never;
  }
}

/** The nests that a step calls, in order; the first two are those of a band. */
function nestsIn(kernel: StepKernel | undefined, numbers: FunctionNumbers): NestDescription[] {
  const targets = kernel?.calls.map(({ target }) => target) ?? [];
  return targets.flatMap((target) => {
    if (target.kind !== "group") return [];
    const { nest, key } = target.of;
    return [{ loops: loopsOf(nest), passes: nest.passes.length, code: numbers.of(key) }];
  });
}

function librariesIn(kernel: StepKernel | undefined) {
  const names = (kernel?.calls ?? []).flatMap(({ target }) =>
    target.kind === "library" ? [`${target.of.library}.${target.of.name}`] : [],
  );
  return { functions: [...new Set(names)], calls: names.length };
}

function kernelCode(kind: KernelKind, kernel: StepKernel | undefined, reason: string): StepCode {
  if (kernel === undefined) return { kind: "interpreted", kernel: kind, reason };
  const targets = kernel.calls.map(({ target }) => target);
  const control = targets.find((target) => target.kind === "control");
  if (control !== undefined) {
    const { program, bodies } = control.of;
    return { kind: program.kind, calls: bodies.map((body) => body.length) };
  }
  return { kind: "library", kernel: kind, ...librariesIn(kernel) };
}

/** The arrays that exist during a run, those that stay in registers left out: positions among the buffers. */
function storedArrays(graph: Graph, { program }: CompiledPlan): ReadonlyMap<number, number> {
  const written = new Set(program.steps.flatMap(({ writes }) => writes));
  const stored = program.arrays.flatMap((_, array) =>
    array < graph.inputs.length || written.has(array) ? [array] : [],
  );
  return new Map(stored.map((array, position) => [array, position]));
}

function buffersOf(
  graph: Graph,
  { program, roles }: CompiledPlan,
  stored: ReadonlyMap<number, number>,
): BufferDescription[] {
  const outputs = new Map(
    graph.outputs.map(({ name }, position) => [program.outputs[position], name]),
  );
  return [...stored.keys()].map((array) => {
    const { ref, type } = at(program.arrays, array);
    const { kind } = at(roles, array);
    const name = graph.inputs[array]?.name ?? outputs.get(array);
    const named = name === undefined || kind === "constant" ? {} : { name };
    return { kind, ref, ...named, type, bytes: byteLengthOf(type) };
  });
}

/** Temporaries in order of their first step, each with the one whose memory it goes on in. */
function slotsOf(
  { program, layout }: CompiledPlan,
  stored: ReadonlyMap<number, number>,
): SlotDescription[] {
  const arrays = new Map(program.arrays.map(({ ref }, array) => [refKey(ref), array]));
  return layout.temporaries.map(({ ref, ...slot }) => {
    const array = arrays.get(refKey(ref)) ?? -1;
    const inPlaceOf = stored.get(layout.inPlace.get(array) ?? -1);
    const buffer = stored.get(array) ?? -1;
    return { buffer, ...slot, ...(inPlaceOf === undefined ? {} : { inPlaceOf }) };
  });
}

/** A compiled plan as plain data. */
export function describeCompiled(
  graph: Graph,
  compiled: CompiledPlan,
  { rowOf, threads, arenaBytes }: DescribeOptions,
): PlanDescription {
  const { program, kernels, layout, refusals } = compiled;
  const stored = storedArrays(graph, compiled);
  const place = (array: number, type: TensorType = at(program.arrays, array).type) => ({
    buffer: stored.get(array) ?? -1,
    type,
  });
  const numbers = new FunctionNumbers();
  const steps = program.steps.map((step, index): StepDescription => {
    const kernel = kernels[index];
    const values = step.kind === "kernel" ? [step.node.id] : step.nodes;
    const nodes = values.filter((id) => graph.nodes[id] !== undefined);
    const site = nodes.map((id) => nodeOf(graph, id).site).find((one) => one !== undefined);
    const reads =
      step.kind === "kernel"
        ? step.ins.map(({ array, type }) => place(array, type))
        : step.reads.map((array) => place(array));
    return {
      nodes,
      rows: [...new Set(values.map((id) => rowOf.get(id) ?? id))],
      code: codeOf(step, kernel, refusals.get(index) ?? "", numbers),
      reads,
      writes: step.writes.map((array) => place(array)),
      scratchBytes: kernel?.scratchBytes ?? 0,
      threads: kernel === undefined ? 1 : partsOf(kernel, threads).length,
      ...(site === undefined ? {} : { site }),
    };
  });
  const computed = new Set(steps.flatMap(({ nodes }) => nodes));
  return {
    graph,
    steps,
    folded: graph.order.filter((id) => !computed.has(id)),
    buffers: buffersOf(graph, compiled, stored),
    slots: slotsOf(compiled, stored),
    threads,
    arenaBytes,
    temporaryBytes: layout.arenaBytes,
    liveBytesBound: layout.liveBytesBound,
  };
}
