import { Builder, type Value } from "@adjoint/graph";
import { first, nth } from "../core/define.js";
import { scanOp } from "../control/scan.js";

/**
 * The loop as composites emit it, which only asks it for types: who differentiates or runs a graph
 * finds operators in a registry by their names.
 */
const scan = scanOp((name) => {
  throw new Error(`scan: ${name} is looked up outside of a registry`);
});

/**
 * Applies `body` to each slice along the first axis of `sliced`, one after the other, and stacks
 * the results. Takes the memory of one application, where arrays with one more axis would take that
 * of all.
 *
 * @param sliced at least one array; the first axes are equally long
 * @param whole what `body` gets as it is
 */
export function eachSlice(
  name: string,
  sliced: readonly [Value, ...Value[]],
  whole: readonly Value[],
  body: (slices: readonly Value[], whole: readonly Value[]) => Value,
): Value {
  const builder = new Builder(name);
  const slices = sliced.map(({ type: { dtype, shape } }, at) =>
    builder.input(`slice${at}`, { dtype, shape: shape.slice(1) }),
  );
  const inside = whole.map(({ type }, at) => builder.input(`whole${at}`, type));
  builder.output("result", body(slices, inside));
  const results = sliced[0].emitter.emit(scan, [...sliced, ...whole], {
    states: 0,
    slices: sliced.length,
    stacked: 1,
    length: nth(name, sliced[0].type.shape, 0),
    reverse: false,
    counted: false,
    history: false,
    body: builder.finish(),
  });
  return first(name, results);
}
