import { type Graph, nodeOf, toText, selectNodes } from "@adjoint/graph";
import { formatSummary, type NonFinite, type Observation } from "@adjoint/runtime";

/** The line that prints the row. */
function rowText(graph: Graph, { row }: NonFinite): string {
  const lines = toText(selectNodes(graph, `id=${row}`)).split("\n");
  return lines.find((line) => line.startsWith(`  %${row} =`))?.trim() ?? "";
}

function found(part: string, { graph }: Observation, nonFinite: NonFinite): string {
  const { op, name, row, out, kind, count, site, ins } = nonFinite;
  const where = site === undefined ? "" : `; ${site}`;
  if (op === undefined) return `input ${name} of ${graph.name} holds ${count} NaN${where}`;
  const { types } = nodeOf(graph, row);
  const result = types.length > 1 ? ` in result ${out}` : "";
  return [
    `${op} makes ${count} ${kind}${result}: %${row} of ${graph.name}, ${part}${where}`,
    `  ${rowText(graph, nonFinite)}`,
    ...ins.map((summary, position) => `  argument ${position + 1}: ${formatSummary(summary)}`),
  ].join("\n");
}

/** Which row, forward or backward, brought a NaN or an infinity in; undefined where none did. */
export function nanText(
  forward: Observation,
  backward: Observation | undefined,
): string | undefined {
  if (forward.nonFinite !== undefined) return found("forward", forward, forward.nonFinite);
  if (backward?.nonFinite === undefined) return undefined;
  return found("backward", backward, backward.nonFinite);
}
