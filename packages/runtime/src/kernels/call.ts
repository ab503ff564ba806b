import { type CallKernel, equalTypes, formatType, GraphError } from "@adjoint/graph";
import { cellsOf } from "../storage.js";
import type { Tensor } from "../tensor.js";
import { isTrue, parameterCount, prepareScan, prepareWhile } from "./loop.js";
import { at, type Execute, type PlanContext, type Signature } from "./prepare.js";

/** Runs sub-graphs, planned once, or a function of the host. */
export function prepareCall(
  kernel: CallKernel,
  signature: Signature,
  context: PlanContext,
): Execute {
  switch (kernel.form) {
    case "graph":
      return calling(callGraph(kernel, context), signature);
    case "host":
      return calling(callHost(kernel, signature), signature);
    case "cond":
      return calling(callBranch(kernel, context), signature);
    case "scan":
      return prepareScan(kernel, signature, context);
    case "while":
      return prepareWhile(kernel, signature, context);
    default:
      return kernel satisfies never;
  }
}

/** Copies what a function of tensors gives to the results. */
function calling(call: Call, signature: Signature): Execute {
  return (ins, outs, run) => {
    const tensors = ins.map((data, arg) => ({ type: at(signature.ins, arg), data }));
    const results = call(tensors, run);
    checkResults(signature, results);
    for (const [out, { data }] of results.entries()) {
      cellsOf(at(outs, out)).cells.set(cellsOf(data).cells);
    }
  };
}

type Call = (ins: readonly Tensor[], run: Parameters<Execute>[2]) => readonly Tensor[];

function callGraph({ graph }: CallKernel & { form: "graph" }, { planBody }: PlanContext): Call {
  const body = planBody(graph);
  return (ins, { hosts, engines }) => body.run(ins, { hosts, engines });
}

function callBranch(
  { whenTrue, whenFalse }: CallKernel & { form: "cond" },
  { planBody }: PlanContext,
): Call {
  const [then, otherwise] = [planBody(whenTrue), planBody(whenFalse)];
  const count = parameterCount(whenTrue);
  return (all, { hosts, engines }) => {
    const values = all.slice(1);
    const holds = isTrue(at(all, 0));
    const ins = holds ? values.slice(0, count) : values.slice(count);
    return (holds ? then : otherwise).run(ins, { hosts, engines });
  };
}

function callHost({ key }: CallKernel & { form: "host" }, { op, site }: Signature): Call {
  return (ins, { hosts }) => {
    const host = hosts.get(key);
    if (host !== undefined) {
      // A copy: the arrays are parts of the arena, and the function may keep what it is given.
      return host(ins.map(({ type, data }) => ({ type, data: data.slice() })));
    }
    throw new GraphError({
      op,
      problem: "the host function is not supplied",
      received: `key ${key}`,
      allowed: `keys ${[...hosts.keys()].join(", ") || "(none)"}`,
      site,
    });
  };
}

function checkResults({ op, outs, site }: Signature, results: readonly Tensor[]): void {
  const fits =
    results.length === outs.length &&
    results.every(({ type }, out) => equalTypes(type, at(outs, out)));
  if (fits) return;
  throw new GraphError({
    op,
    problem: "results differ from the announced types",
    received: results.map(({ type }) => formatType(type)).join(", ") || "nothing",
    allowed: outs.map(formatType).join(", "),
    site,
  });
}
