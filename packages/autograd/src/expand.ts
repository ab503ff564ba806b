import { Builder, type Graph, type Node, type OpDef, type TensorType } from "@adjoint/graph";

/** What a composite node is made of, one level down, as a graph of its arguments. */
export function expand(
  op: OpDef,
  { attrs }: Pick<Node, "attrs">,
  types: readonly TensorType[],
): Graph {
  if (op.compose === undefined) throw new Error(`${op.name}: a primitive operator has no parts`);
  const builder = new Builder(op.name);
  const values = types.map((type, position) => builder.input(`in${position}`, type));
  op.compose(values, attrs).forEach((value, out) => {
    builder.output(`out${out}`, value);
  });
  return builder.finish();
}
