import type { FunctionBuilder, FunctionRef, ModuleBuilder, Value } from "../assembler/index.js";
import type { ConstantPool } from "../constantPool.js";
import type { Engine } from "../engine.js";
import type { LibraryFunction } from "../libraryCall.js";

/** The exported functions of a library: the names of their parameters, 32-bit integers all. */
export type FunctionTable = { readonly [name: string]: readonly string[] };

/** A function of another library, which a library calls. */
export interface LibraryImport {
  readonly library: string;
  readonly name: string;
}

/** What a library's code is written with. */
export interface LibraryContext {
  readonly module: ModuleBuilder;
  readonly constants: ConstantPool;
  readonly engine: Engine;
}

/** A module of functions, compiled when one of them is first needed. */
export interface LibraryDefinition<F extends FunctionTable = FunctionTable> {
  /** No two libraries share a name. */
  readonly name: string;
  readonly functions: F;
  /** By the names under which the code imports them; those libraries are loaded before. */
  readonly imports?: { readonly [name: string]: LibraryImport };
  /** Writes all functions, imports first. */
  write(context: LibraryContext): void;
}

/** The functions of a loaded library, ready to be called. */
export type Functions<F extends FunctionTable> = {
  readonly [K in keyof F & string]: LibraryFunction<F[K][number]>;
};

/** An exported function to be filled with code, and its parameters by name. */
export interface ExportedCode<N extends string> {
  readonly code: FunctionBuilder;
  readonly of: (name: N) => Value<"i32">;
}

/** Begins an exported function, or one that only the module calls. */
export function beginFunction<N extends string>(
  module: ModuleBuilder,
  name: string,
  parameters: readonly N[],
  scope: "exported" | "own" = "exported",
): ExportedCode<N> & { readonly ref: FunctionRef } {
  const type = { params: parameters.map(() => "i32" as const), results: [] };
  const code = scope === "exported" ? module.function(name, type) : module.helper(name, type);
  return { code, ref: code, of: (one) => code.param(parameters.indexOf(one), "i32") };
}
