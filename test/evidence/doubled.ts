import { nd } from "@adjoint/nd";
import type { GoldenCall, GoldenTensor, ProgramCase } from "../goldenCases.js";

type Tensors = Readonly<Record<string, GoldenTensor>>;
type Takes = (dtype: unknown) => boolean;

const isFloating: Takes = (dtype) => typeof dtype === "string" && dtype.startsWith("float");
const isAny: Takes = (dtype) => typeof dtype === "string";

function inDoubles(tensors: Tensors, takes: Takes): Tensors {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => [
      name,
      takes(tensor.dtype) ? { ...tensor, dtype: "float64" } : tensor,
    ]),
  );
}

function headsInDoubles(given: ProgramCase["head_grads"]): ProgramCase["head_grads"] {
  if (given === null) return null;
  const tensors = Object.entries(given).map(([name, tensor]) => [
    name,
    tensor && inDoubles({ tensor }, isFloating).tensor,
  ]);
  return Object.fromEntries(tensors);
}

/** The same case in double precision. */
export function doubled(one: ProgramCase): ProgramCase {
  const second = one.grad_of_grad;
  return {
    ...one,
    inputs: inDoubles(one.inputs, isFloating),
    program: one.program.map((call) => askedForDoubles(call, isFloating)),
    head_grads: headsInDoubles(one.head_grads),
    ...(second && {
      grad_of_grad: { ...second, head_grads: headsInDoubles(second.head_grads) },
    }),
  };
}

function askedForDoubles(call: GoldenCall, takes: Takes): GoldenCall {
  const { dtype } = call.attrs;
  return takes(dtype) ? { ...call, attrs: { ...call.attrs, dtype: "float64" } } : call;
}

/** A number as an array of the first argument's dtype takes it. */
function convertedNumbers(call: GoldenCall, inputs: Tensors): GoldenCall {
  const array = call.args.map((arg) => (typeof arg === "string" ? inputs[arg] : undefined));
  const { dtype } = array.find((one) => one !== undefined) ?? {};
  if (dtype === undefined || isFloating(dtype)) return call;
  const convert = (value: unknown) =>
    typeof value === "number" ? nd.array([value], { dtype }).asScalar() : value;
  const { scalar } = call.attrs;
  return {
    ...call,
    args: call.args.map(convert),
    attrs: scalar === undefined ? call.attrs : { ...call.attrs, scalar: convert(scalar) },
  };
}

/** The results of the same case with integers in double precision as well: the numbers before they are cut off. */
export function unbounded(one: ProgramCase): ProgramCase {
  const program = one.program.map((call) =>
    askedForDoubles(convertedNumbers(call, one.inputs), isAny),
  );
  return { ...one, inputs: inDoubles(one.inputs, isAny), program, heads: [], grads: {} };
}
