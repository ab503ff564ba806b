import { mapGraphs } from "../attrs.js";
import { GraphError } from "../errors.js";
import type { Graph, NodeId } from "../graph.js";
import type { GraphEditor } from "../rewrite/graphEditor.js";
import { type Fired, type Pass, type PassContext, runPasses } from "../rewrite/runPasses.js";

/** How deep composites may be made of composites. */
const maxDepth = 64;

/** A node to expand, and the composites that it came from. */
interface Task {
  readonly id: NodeId;
  readonly depth: number;
  readonly parent: Parent | undefined;
}

interface Parent {
  readonly op: string;
  readonly parent: Parent | undefined;
}

function endless({ parent, depth }: Task, site: string | undefined): GraphError {
  const ops = new Set<string>();
  for (let one = parent; one !== undefined; one = one.parent) ops.add(one.op);
  return new GraphError({
    op: "lower",
    problem: `composites nest deeper than ${depth - 1}; kept expanding`,
    received: [...ops].reverse().join(", "),
    site,
  });
}

class Lowering {
  readonly fired = new Map<string, number>();
  private readonly bodies = new Map<Graph, Graph>();

  constructor(
    private readonly editor: GraphEditor,
    private readonly context: PassContext,
  ) {}

  /** Expands a node, then what it expanded to, depth first, so that an endless chain ends at once. */
  expand(root: NodeId): void {
    const tasks: Task[] = [{ id: root, depth: 0, parent: undefined }];
    for (let task = tasks.pop(); task !== undefined; task = tasks.pop()) {
      const parts = this.expandOnce(task);
      for (let at = parts.length - 1; at >= 0; at--) {
        const part = parts[at];
        if (part !== undefined) tasks.push(part);
      }
    }
  }

  private expandOnce(task: Task): readonly Task[] {
    const { editor } = this;
    const view = editor.view(task.id);
    if (view === undefined) return [];
    const { op, node, ins, attrs } = view;
    if (op.compose === undefined) {
      editor.setAttrs(
        task.id,
        mapGraphs(attrs, (body) => this.body(body)),
      );
      return [];
    }
    if (task.depth >= maxDepth) throw endless(task, node.site);
    const first = editor.nextId;
    const results = editor.within(task.id, () => op.compose(ins, attrs));
    editor.because(op.name, () => editor.replaceAll(task.id, results));
    this.fired.set(op.name, (this.fired.get(op.name) ?? 0) + 1);
    const parent = { op: op.name, parent: task.parent };
    const parts: Task[] = [];
    for (let id = first; id < editor.nextId; id++)
      parts.push({ id, depth: task.depth + 1, parent });
    editor.sweep([task.id, ...parts.map(({ id }) => id)]);
    return parts;
  }

  private body(graph: Graph): Graph {
    const known = this.bodies.get(graph);
    if (known !== undefined) return known;
    const lowered = runPasses(graph, [lower], this.context).graph;
    this.bodies.set(graph, lowered);
    return lowered;
  }
}

/**
 * Expands composite operators until only primitives are left, in sub-graphs as well. New nodes take over site, scope
 * and origin of the composite.
 */
export const lower: Pass = {
  name: "lower",
  run(editor, context): Fired {
    const lowering = new Lowering(editor, context);
    for (const id of editor.ids()) lowering.expand(id);
    return Object.fromEntries(lowering.fired);
  },
};
