import { byteLengthOf, type Graph, type Registry } from "@adjoint/graph";
import { at, type PlanContext } from "../../kernels/prepare.js";
import { prepareKernel } from "../../kernels/prepareKernel.js";
import type { Donation } from "../../plan/plan.js";
import { type ArrayRead, fuse, type KernelStep, remake } from "../fuse/index.js";
import type { KernelLibraries } from "../kernelLibraries.js";
import type { CompiledPlan, HostPlace, ListStep, MemoryRange, Section } from "./compiledPlan.js";
import { ConstantPlaces } from "./constantPlaces.js";
import { usableDonations } from "./inPlace.js";
import { joinProducts } from "./joinProducts.js";
import { kernelProgram } from "./kernelProgram.js";
import { readsOf } from "./lastReads.js";
import type { Address, GroupFunction } from "./planCall.js";
import { type ArrayRole, elementAddress, layOutPlan, type PlanLayout } from "./planLayout.js";
import type { PlanProgram, PlanStep } from "./planStep.js";
import { type StepCode, signatureOf, stepCode } from "./stepCode.js";

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

/**
 * Fuses a graph, settles where arrays are, and lists the calls. `groups`: functions of fused groups made so far for the
 * same module, by key.
 */
export function compilePlan(
  graph: Graph,
  registry: Registry,
  options: CompileOptions,
  groups = new Map<string, GroupFunction>(),
): CompiledPlan {
  const { keep, donate, libraries, context } = options;
  const fused = joinProducts(remake(fuse(kernelProgram(graph, registry, keep))));
  const compileBody = (body: Graph) =>
    compilePlan(
      options.lower(body),
      registry,
      { ...options, keep: "outputs", donate: [], stepwise: false },
      groups,
    );
  const codes = fused.steps.map((step) =>
    stepCode(step, fused, { libraries, groups, planContext: context, compileBody }),
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
    const rangesOf = (arrays: readonly number[]) =>
      arrays.map((array) => rangeOf(array, program, layout));
    const memory = { reads: rangesOf(readsOf(step)), writes: rangesOf(step.writes) };
    lists.at(-1)?.push({ kernel, operands, memory });
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

function refusalsOf(codes: readonly StepCode[]): Map<number, string> {
  return new Map(
    codes.flatMap((code, step) => ("reason" in code ? [[step, code.reason] as const] : [])),
  );
}

/** Steps with bodies write one more array, in which bodies keep their temporaries. */
function withWorkspaces(program: PlanProgram, codes: readonly StepCode[]): PlanProgram {
  const arrays = [...program.arrays];
  const steps = program.steps.map((step, index): PlanStep => {
    const code = at(codes, index);
    if (step.kind !== "kernel" || "reason" in code) return step;
    if (code.bodies === undefined) return step;
    const ref = { node: step.node.id, out: step.writes.length };
    const type = { dtype: "uint8", shape: [code.bodies.workspaceBytes] } as const;
    return { ...step, writes: [...step.writes, arrays.push({ type, ref }) - 1] };
  });
  return { ...program, arrays, steps };
}

function rolesOf(
  graph: Graph,
  { arrays, outputs }: PlanProgram,
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

function hostSection(
  step: PlanStep,
  program: PlanProgram,
  layout: PlanLayout,
  context: PlanContext,
): Section {
  if (step.kind !== "kernel") throw new TypeError("groups have code");
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

function rangeOf(array: number, { arrays }: PlanProgram, { addresses }: PlanLayout): MemoryRange {
  return { ...at(addresses, array), bytes: byteLengthOf(at(arrays, array).type) };
}

function readAddress(read: ArrayRead, program: PlanProgram, layout: PlanLayout): Address {
  return elementAddress(layout, program, read.array, read.offset);
}

function operandsOf(step: PlanStep, program: PlanProgram, layout: PlanLayout): readonly Address[] {
  const addresses = (arrays: readonly number[]) =>
    arrays.map((array) => at(layout.addresses, array));
  const argumentsOf = ({ ins }: KernelStep) =>
    ins.map((read) => readAddress(read, program, layout));
  switch (step.kind) {
    case "kernel":
      return [...argumentsOf(step), ...addresses(step.writes)];
    case "group":
      return addresses([...step.reads, ...step.writes]);
    case "banded":
      return [
        ...argumentsOf(step.product),
        ...[step.before, step.after].flatMap((group) =>
          group === undefined ? [] : addresses([...group.reads, ...group.writes]),
        ),
        ...(step.after === undefined ? addresses(step.product.writes) : []),
      ];
    default:
      return step satisfies never;
  }
}
