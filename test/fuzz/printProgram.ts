import {
  type Attrs,
  type AttrValue,
  decodeConstant,
  type Graph,
  isAttrGraph,
  isAttrList,
  nodesOf,
  type Ref,
  refKey,
  type TensorType,
} from "@adjoint/graph";
import { createTensor, type Tensor, toNumbers } from "@adjoint/runtime";
import type { Program } from "./program.js";

/** The folder that printed programs belong to, as they import the laws from there. */
export const printedPrograms = new URL("../../out/fuzz/", import.meta.url);

/** A program as a TypeScript file of that folder, which builds it and says which of the laws it breaks. */
export function printProgram(program: Program, laws: readonly string[]): string {
  const bodies = new Bodies();
  const main = bodies.lines(program.graph, "graph");
  const inputs = Object.entries(program.inputs).map(
    ([name, tensor]) => `  ${JSON.stringify(name)}: ${tensorCode(tensor)},`,
  );
  return [
    'import { Builder } from "@adjoint/graph";',
    'import { nth, registry } from "@adjoint/ops";',
    'import { createTensor } from "@adjoint/runtime";',
    'import { judge } from "../../test/fuzz/judge.js";',
    'import { lawsOf } from "../../test/fuzz/laws/laws.js";',
    'import type { Program } from "../../test/fuzz/program.js";',
    "",
    ...bodies.printed.flat(),
    ...main,
    "const inputs = {",
    ...inputs,
    "};",
    `const held: readonly string[] = ${JSON.stringify(program.held)};`,
    `const program: Program = { style: "${program.style}", graph, inputs, held };`,
    `const names: readonly string[] = ${JSON.stringify(laws)};`,
    "for (const law of lawsOf()) {",
    "  if (names.includes(law.name)) console.log(law.name, judge(law, program));",
    "}",
    "",
  ].join("\n");
}

/** Builders of graphs, those of bodies before those that use them. */
class Bodies {
  readonly printed: string[][] = [];
  private readonly names = new Map<Graph, string>();

  lines(graph: Graph, name: string): string[] {
    const builder = `${name}Builder`;
    const values = new Map<string, string>();
    const rows = graph.inputs.map((input, at) => {
      const value = `${name}In${at}`;
      values.set(refKey({ node: input.id, out: 0 }), value);
      const constant = input.constant === undefined ? undefined : graph.constants[input.constant];
      if (constant === undefined)
        return `const ${value} = ${builder}.input(${JSON.stringify(input.name)}, ${typeCode(input.type)});`;
      const { dtype, shape } = constant;
      const data = { type: { dtype, shape }, data: decodeConstant(constant) };
      return `const ${value} = ${builder}.constant(${tensorCode(data)}.data, ${typeCode(data.type)});`;
    });
    const nodes = nodesOf(graph).flatMap((node) => {
      const ins = node.inputs.map((ref) => this.at(values, ref)).join(", ");
      const call = `${builder}.emit(registry.get("${node.op}"), [${ins}], ${this.attrs(node.attrs)})`;
      const results = `${name}Node${node.id}`;
      const outs = node.types.map((_, out) => {
        values.set(refKey({ node: node.id, out }), `${name}Value${node.id}_${out}`);
        return `const ${name}Value${node.id}_${out} = nth("${node.op}", ${results}, ${out});`;
      });
      return [`const ${results} = ${call};`, ...outs];
    });
    const outputs = graph.outputs.map(
      ({ name: output, ref }) =>
        `${builder}.output(${JSON.stringify(output)}, ${this.at(values, ref)});`,
    );
    return [
      `const ${builder} = new Builder(${JSON.stringify(graph.name)});`,
      ...rows,
      ...nodes,
      ...outputs,
      `const ${name} = ${builder}.finish();`,
    ];
  }

  private at(values: ReadonlyMap<string, string>, ref: Ref): string {
    const value = values.get(refKey(ref));
    if (value === undefined) throw new Error(`no value %${refKey(ref)}`);
    return value;
  }

  private attrs(attrs: Attrs): string {
    const entries = Object.entries(attrs).map(([name, value]) => `${name}: ${this.attr(value)}`);
    return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`;
  }

  private attr(value: AttrValue): string {
    if (typeof value === "number") return numberCode(value);
    if (isAttrList(value)) return `[${value.map((one) => this.attr(one)).join(", ")}]`;
    return isAttrGraph(value) ? this.body(value) : JSON.stringify(value);
  }

  private body(graph: Graph): string {
    const known = this.names.get(graph);
    if (known !== undefined) return known;
    const name = `body${this.names.size}`;
    this.names.set(graph, name);
    this.printed.push(this.lines(graph, name));
    return name;
  }
}

function numberCode(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

function typeCode({ dtype, shape }: TensorType): string {
  return `{ dtype: "${dtype}", shape: [${shape.join(", ")}] }`;
}

/** A long run of zeros at the end, as random states have, is not written out. */
function tensorCode(tensor: Tensor): string {
  const numbers = toNumbers(createTensor(tensor.type, tensor.data));
  const zeros = [...numbers].reverse().findIndex((value) => !Object.is(value, 0));
  const written = numbers.slice(0, zeros > 20 ? -zeros : undefined).map(numberCode);
  const rest = zeros > 20 ? [`...new Array<number>(${zeros}).fill(0)`] : [];
  return `createTensor(${typeCode(tensor.type)}, [${[...written, ...rest].join(", ")}])`;
}
