import { freezeGraph } from "../freezeGraph.js";
import type { Graph } from "../graph.js";
import { formatCount } from "../views/graphView.js";
import { graphText } from "./graphText.js";

/** What Node's `console.log` and REPL ask an object for. */
const inspect = Symbol.for("nodejs.util.inspect.custom");

/** Lines of a graph that a console shows. */
const maxLines = 200;

/** `graph sample (3 nodes)`. */
function brief({ name, order }: Graph): string {
  return `graph ${name} (${formatCount(order.length, "node")})`;
}

function consoleText(graph: Graph): string {
  const lines = graphText(graph, {}).split("\n");
  if (lines.length <= maxLines) return lines.join("\n");
  const rest = lines.length - maxLines;
  return [...lines.slice(0, maxLines - 1), `  … ${formatCount(rest, "more line")}`, "}"].join("\n");
}

function inspected(this: Graph, depth: number): string {
  return depth < 0 ? `[${brief(this)}]` : consoleText(this);
}

function primitive(this: Graph, hint: string): string | number {
  return hint === "number" ? Number.NaN : brief(this);
}

/**
 * The graph itself, frozen. In Node's console and REPL it shows as its text, in template strings as its name and size.
 * Both are symbols that nothing enumerates: comparison, JSON, spreading and cloning see plain data; a copy shows as any
 * object does.
 */
export function closeGraph(graph: Graph): Graph {
  Object.defineProperty(graph, inspect, { value: inspected });
  Object.defineProperty(graph, Symbol.toPrimitive, { value: primitive });
  return freezeGraph(graph);
}
