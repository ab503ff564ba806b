import { type Graph, type Kernel, type Registry, sizeOf, type TensorType } from "@adjoint/graph";
import { kernelCost, noCost } from "../../analysis/kernelCost.js";
import { at, type Execute, type PlanContext, type Signature } from "../../kernels/prepare.js";
import type { Donation } from "../../plan/plan.js";
import { prepareKernel } from "../../kernels/prepareKernel.js";
import { type ArrayRead, type FusedProgram, type FusedStep, fuse } from "../fuse/index.js";
import type { KernelLibraries } from "../kernelLibraries.js";
import { prepareWasmKernel } from "../prepareWasmKernel.js";
import { usableDonations } from "./inPlace.js";
import { kernelProgram } from "./kernelProgram.js";
import type { Address, GroupFunction } from "./planCall.js";
import { type ArrayRole, elementAddress, layOutPlan, type PlanLayout } from "./planLayout.js";
import { groupKernel, libraryKernel, noKernel, type StepKernel } from "./stepKernel.js";

/** An array as an interpreted kernel sees it. */
export interface HostPlace {
  readonly address: Address;
  readonly type: TensorType;
}

/** What runs one after another: generated code, or the interpreter where there is no code. */
export type Section =
  | { readonly kind: "calls"; readonly list: number }
  | {
      readonly kind: "host";
      readonly execute: Execute;
      readonly ins: readonly HostPlace[];
      readonly outs: readonly HostPlace[];
    };

/** A program with all decisions taken, before its code is written. */
export interface CompiledPlan {
  readonly program: FusedProgram;
  readonly roles: readonly ArrayRole[];
  readonly layout: PlanLayout;
  /** Bytes of scratch memory that each thread wants, behind the temporaries in the arena. */
  readonly scratchBytes: number;
  readonly sections: readonly Section[];
  readonly lists: readonly (readonly ListStep[])[];
  /** Steps that the interpreter runs, by position. */
  readonly interpreted: ReadonlySet<number>;
  /** Results that are written over an argument. */
  readonly donations: readonly Donation[];
}

/** A step of generated code and where its operands are. */
export interface ListStep {
  readonly kernel: StepKernel;
  readonly operands: readonly Address[];
}

export interface CompileOptions {
  readonly keep: "outputs" | "all";
  readonly donate: readonly Donation[];
  readonly libraries: KernelLibraries;
  readonly context: PlanContext;
}

/** Fuses a graph, settles where arrays are, and lists the calls. */
export function compilePlan(
  graph: Graph,
  registry: Registry,
  { keep, donate, libraries, context }: CompileOptions,
): CompiledPlan {
  const program = fuse(kernelProgram(graph, registry, keep));
  const groups = new Map<string, GroupFunction>();
  const kernels = program.steps.map((step) =>
    step.kind === "group"
      ? groupKernel(step.group, groups)
      : nodeKernel(step, program, libraries, context),
  );
  const inputArrays = graph.inputs.flatMap(({ role }, array) => (role === "const" ? [] : [array]));
  const throws = kernels.some((kernel) => kernel === undefined || kernel.mayRefuse);
  const donations = usableDonations(program, donate, inputArrays, throws);
  const roles = rolesOf(graph, program, donations);
  const layout = layOutPlan(program, roles, inputArrays.length);
  const scratchBytes = Math.max(0, ...kernels.map((kernel) => kernel?.scratchBytes ?? 0));
  const sections: Section[] = [];
  const lists: ListStep[][] = [];
  const interpreted = new Set<number>();
  for (const [index, step] of program.steps.entries()) {
    const kernel = kernels[index];
    if (kernel === undefined) {
      sections.push(hostSection(step, program, layout, context));
      interpreted.add(index);
      continue;
    }
    if (sections.at(-1)?.kind !== "calls") {
      sections.push({ kind: "calls", list: lists.length });
      lists.push([]);
    }
    lists.at(-1)?.push({ kernel, operands: operandsOf(step, program, layout) });
  }
  return { program, roles, layout, scratchBytes, sections, lists, interpreted, donations };
}

function rolesOf(
  graph: Graph,
  { arrays, outputs }: FusedProgram,
  donations: readonly Donation[],
): ArrayRole[] {
  const donors = new Map(donations.map(({ input, output }) => [output, input]));
  const results = new Map(outputs.map((array, result) => [array, result]));
  let input = 0;
  return arrays.map((_, array): ArrayRole => {
    const given = graph.inputs[array];
    if (given?.role === "const") return { kind: "constant" };
    if (given !== undefined) return { kind: "input", input: input++ };
    const result = results.get(array);
    if (result === undefined) return { kind: "temporary" };
    return { kind: "result", result, donor: donors.get(result) };
  });
}

/** Undefined where the interpreter must run the step. */
function nodeKernel(
  step: FusedStep & { kind: "kernel" },
  { arrays }: FusedProgram,
  libraries: KernelLibraries,
  context: PlanContext,
): StepKernel | undefined {
  const ins = step.ins.map(({ type }) => type);
  const outs = step.writes.map((array) => at(arrays, array).type);
  const { kind } = step.kernel;
  // Indices are refused by their values, even where they name empty blocks.
  if (outs.every(isEmpty) && kind !== "index" && kind !== "call") {
    prepareKernel(step.kernel, signatureOf(step, ins, outs), context);
    return noKernel;
  }
  if (!takesEmpty(kind) && [...ins, ...outs].some(isEmpty)) return undefined;
  const prepared = prepareWasmKernel(step.kernel, ins, outs, libraries, step.node);
  return prepared === undefined
    ? undefined
    : libraryKernel(prepared, microsecondsOf(step.kernel, ins, outs));
}

const isEmpty = ({ shape }: TensorType) => sizeOf(shape) === 0;

/** Whether functions for such kernels give results for arguments without elements. */
function takesEmpty(kind: Kernel["kind"]): boolean {
  return kind === "reduce" || kind === "contract" || kind === "pack";
}

function signatureOf(
  { node: { op, site } }: FusedStep & { kind: "kernel" },
  ins: readonly TensorType[],
  outs: readonly TensorType[],
): Signature {
  return { op, ins, outs, site };
}

/** Rough rates of generated code per microsecond. */
const flopsOfProduct = 40_000;
const bytesMoved = 8000;

function microsecondsOf(
  kernel: Kernel,
  ins: readonly TensorType[],
  outs: readonly TensorType[],
): number {
  const { flops, bytes } = kernelCost(kernel, { ins, outs }, () => noCost);
  return flops / flopsOfProduct + bytes / bytesMoved;
}

function hostSection(
  step: FusedStep,
  program: FusedProgram,
  layout: PlanLayout,
  context: PlanContext,
): Section {
  if (step.kind === "group") throw new TypeError("groups have code");
  const outs = step.writes.map((array): HostPlace => {
    return { address: at(layout.addresses, array), type: at(program.arrays, array).type };
  });
  const ins = step.ins.map((read): HostPlace => {
    return { address: readAddress(read, program, layout), type: read.type };
  });
  const signature = signatureOf(
    step,
    ins.map(({ type }) => type),
    outs.map(({ type }) => type),
  );
  return { kind: "host", execute: prepareKernel(step.kernel, signature, context), ins, outs };
}

function readAddress(read: ArrayRead, program: FusedProgram, layout: PlanLayout): Address {
  return elementAddress(layout, program, read.array, read.offset);
}

function operandsOf(
  step: FusedStep,
  program: FusedProgram,
  layout: PlanLayout,
): readonly Address[] {
  const writes = step.writes.map((array) => at(layout.addresses, array));
  const reads =
    step.kind === "group"
      ? step.reads.map((array) => at(layout.addresses, array))
      : step.ins.map((read) => readAddress(read, program, layout));
  return [...reads, ...writes];
}
