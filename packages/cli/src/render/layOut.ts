/**
 * A drawing in DOT as SVG, laid out by Graphviz compiled to WebAssembly: nothing need be installed. Same input, same
 * bytes on every machine, as text is measured by tables that Graphviz carries.
 */
export async function layOut(dot: string): Promise<string> {
  const { instance } = await import("@viz-js/viz");
  const viz = await instance();
  const { output, errors } = viz.render(dot, { format: "svg", engine: "dot" });
  if (output !== undefined) return output;
  throw new Error(`layout: ${errors.map(({ message }) => message).join("; ")}`);
}
