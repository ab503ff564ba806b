import type { Fired, Pass } from "../rewrite/runPasses.js";

/**
 * Removes nodes that no output depends on, saved and constant inputs that nobody reads, and constants without input.
 * Arguments and heads stay: they are the graph's signature.
 */
export const deadCode: Pass = {
  name: "deadCode",
  run(editor): Fired {
    const { nodes, inputs } = editor.removeUnreached(
      ({ role }) => role === "saved" || role === "const",
    );
    const removed = { node: nodes, input: inputs, constant: editor.dropUnusedConstants() };
    return Object.fromEntries(Object.entries(removed).filter(([, count]) => count > 0));
  },
};
