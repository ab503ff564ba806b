import { type CallKernel, equalTypes, formatType, GraphError } from "@adjoint/graph";
import { cellsOf } from "../storage.js";
import type { Tensor } from "../tensor.js";
import { at, type Execute, type PlanContext, type Signature } from "./prepare.js";

/** Runs a sub-graph, planned once, or a function of the host. */
export function prepareCall(
  kernel: CallKernel,
  signature: Signature,
  context: PlanContext,
): Execute {
  const call = kernel.form === "graph" ? callGraph(kernel, context) : callHost(kernel, signature);
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
