import type { FunctionBuilder, FunctionType, Value } from "../assembler/index.js";

/** The type of a function of 32-bit integers with the given names, without results. */
export function functionOf(names: readonly string[]): FunctionType {
  return { params: names.map(() => "i32" as const), results: [] };
}

/** The parameters of such a function, by name. */
export function parametersOf<N extends string>(
  code: FunctionBuilder,
  names: readonly N[],
): (name: N) => Value<"i32"> {
  return (name) => code.param(names.indexOf(name), "i32");
}
