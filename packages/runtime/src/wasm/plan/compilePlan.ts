import { type Graph, type Kernel, type Registry, sizeOf, type TensorType } from "@adjoint/graph";
import { kernelCost, noCost } from "../../analysis/kernelCost.js";
import { at, type PlanContext, type Signature } from "../../kernels/prepare.js";
import { prepareKernel } from "../../kernels/prepareKernel.js";
import type { Donation } from "../../plan/plan.js";
import { type BodyMemory, compileControl, type Refusal } from "../control/compileControl.js";
import { type ArrayRead, type FusedProgram, type FusedStep, fuse } from "../fuse/index.js";
import type { KernelLibraries } from "../kernelLibraries.js";
import { prepareWasmKernel } from "../prepareWasmKernel.js";
import type { CompiledPlan, HostPlace, ListStep, Section } from "./compiledPlan.js";
import { ConstantPlaces } from "./constantPlaces.js";
import { usableDonations } from "./inPlace.js";
import { kernelProgram } from "./kernelProgram.js";
import type { Address, GroupFunction } from "./planCall.js";
import { type ArrayRole, elementAddress, layOutPlan, type PlanLayout } from "./planLayout.js";
import { groupKernel, libraryKernel, noKernel, type StepKernel } from "./stepKernel.js";

export interface CompileOptions {
  readonly keep: "outputs" | "all";
  readonly donate: readonly Donation[];
  readonly libraries: KernelLibraries;
  readonly context: PlanContext;
  /** Each step is a section of its own, so that it can be timed. */
  readonly stepwise: boolean;
  /** Expands the composite operators of bodies. */
  lower(body: Graph): Graph;
}

/** Fuses a graph, settles where arrays are, and lists the calls. */
export function compilePlan(
  graph: Graph,
  registry: Registry,
  options: CompileOptions,
): CompiledPlan {
  return compileGraph(graph, registry, options, new Map());
}

/** `groups`: functions of fused groups made so far, by key. */
function compileGraph(
  graph: Graph,
  registry: Registry,
  options: CompileOptions,
  groups: Map<string, GroupFunction>,
): CompiledPlan {
  const { keep, donate, libraries, context } = options;
  const fused = fuse(kernelProgram(graph, registry, keep));
  const compileBody = (body: Graph) =>
    compileGraph(
      options.lower(body),
      registry,
      { ...options, keep: "outputs", donate: [], stepwise: false },
      groups,
    );
  const codes = fused.steps.map((step) =>
    step.kind === "group"
      ? { kernel: groupKernel(step.group, groups) }
      : nodeCode(step, fused, { libraries, groups, planContext: context, compileBody }),
  );
  const program = withWorkspaces(fused, codes);
  const inputArrays = graph.inputs.flatMap(({ role }, array) => (role === "const" ? [] : [array]));
  const refusals = refusalsOf(codes);
  const throws = codes.some((code) => "reason" in code || code.kernel.mayRefuse);
  const donations = usableDonations(program, donate, inputArrays, throws);
  const roles = rolesOf(graph, program, donations);
  const layout = layOutPlan(program, roles, inputArrays.length);
  const constants = new ConstantPlaces(graph, roles, layout);
  const sections: Section[] = [];
  const lists: ListStep[][] = [];
  for (const [index, step] of program.steps.entries()) {
    const code = at(codes, index);
    if ("reason" in code) {
      sections.push(hostSection(step, program, layout, context));
      continue;
    }
    if (options.stepwise || sections.at(-1)?.kind !== "calls") {
      sections.push({ kind: "calls", list: lists.length });
      lists.push([]);
    }
    const { kernel, bodies } = code;
    const own = operandsOf(step, program, layout);
    const operands = bodies === undefined ? own : [...own, constants.add(bodies)];
    lists.at(-1)?.push({ kernel, operands });
  }
  const scratchBytes = Math.max(
    0,
    ...codes.map((code) => ("reason" in code ? 0 : code.kernel.scratchBytes)),
  );
  const { placed, bytes: constantBytes } = constants;
  const kernels = codes.map((code) => ("reason" in code ? undefined : code.kernel));
  const memory = { scratchBytes, constants: placed, constantBytes };
  return { program, roles, layout, kernels, ...memory, sections, lists, refusals, donations };
}

/** A step as code, or why there is none. */
type StepCode = { readonly kernel: StepKernel; readonly bodies?: BodyMemory } | Refusal;

function refusalsOf(codes: readonly StepCode[]): Map<number, string> {
  return new Map(
    codes.flatMap((code, step) => ("reason" in code ? [[step, code.reason] as const] : [])),
  );
}

/** Steps with bodies write one more array, in which bodies keep their temporaries. */
function withWorkspaces(program: FusedProgram, codes: readonly StepCode[]): FusedProgram {
  const arrays = [...program.arrays];
  const steps = program.steps.map((step, index): FusedStep => {
    const code = at(codes, index);
    if (step.kind === "group" || "reason" in code) return step;
    if (code.bodies === undefined) return step;
    const ref = { node: step.node.id, out: step.writes.length };
    const type = { dtype: "uint8", shape: [code.bodies.workspaceBytes] } as const;
    return { ...step, writes: [...step.writes, arrays.push({ type, ref }) - 1] };
  });
  return { ...program, arrays, steps };
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

interface NodeContext {
  readonly libraries: KernelLibraries;
  readonly groups: Map<string, GroupFunction>;
  readonly planContext: PlanContext;
  compileBody(body: Graph): CompiledPlan;
}

function nodeCode(
  step: FusedStep & { kind: "kernel" },
  { arrays }: FusedProgram,
  { libraries, planContext, ...context }: NodeContext,
): StepCode {
  const { node, kernel } = step;
  const ins = step.ins.map(({ type }) => type);
  const outs = step.writes.map((array) => at(arrays, array).type);
  const { kind } = kernel;
  // Indices are refused by their values, even where they name empty blocks.
  if (outs.every(isEmpty) && kind !== "index" && kind !== "call") {
    prepareKernel(kernel, signatureOf(step, ins, outs), planContext);
    return { kernel: noKernel };
  }
  if (!takesEmpty(kind) && [...ins, ...outs].some(isEmpty)) return { reason: "empty arrays" };
  if (kind === "call") return compileControl(kernel, { ...context, ins, outs });
  const prepared = prepareWasmKernel(kernel, ins, outs, libraries, node);
  if (prepared === undefined) {
    const dtypes = new Set([...ins, ...outs].map(({ dtype }) => dtype));
    return { reason: `no code for a ${kind} of ${[...dtypes].join(", ")}` };
  }
  return { kernel: libraryKernel(prepared, microsecondsOf(kernel, ins, outs)) };
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
