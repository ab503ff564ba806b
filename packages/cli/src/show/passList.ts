import { diffGraphs, type Fired, toText } from "@adjoint/graph";
import { type Passed, statesOf } from "./passPoints.js";

function rulesText(fired: Fired): string {
  const rules = Object.entries(fired).map(([rule, times]) => `${rule} ×${times}`);
  return rules.length === 0 ? "nothing to do" : rules.join(", ");
}

const indented = (text: string): string => text.replace(/^/gm, "  ");

/** What each pass did: rules that fired, counts, the difference that it made. */
export function passText(passed: Passed): string {
  const states = statesOf(passed);
  const parts = passed.history.map(({ pass, fired, nodesBefore, nodesAfter }, position) => {
    const head = `${position + 1}. ${pass}: ${rulesText(fired)}; ${nodesBefore} -> ${nodesAfter} nodes`;
    const [before, after] = [states[position], states[position + 1]];
    if (before === undefined || after === undefined || before === after) return head;
    return `${head}\n${indented(toText(diffGraphs(before, after, { by: "id" })))}`;
  });
  const title = `passes on ${passed.graph.name}: ${passed.history.length}`;
  return [title, ...parts].join("\n\n");
}

/** The same as plain data, with the rules that fired and the patches. */
export function passData({ graph, history }: Passed): unknown {
  return { graph: graph.name, passes: history };
}
