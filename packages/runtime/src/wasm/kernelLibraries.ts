import { type FunctionRef, type MemoryType, ModuleBuilder } from "./assembler/index.js";
import { ConstantPool } from "./constantPool.js";
import type { Engine } from "./engine.js";
import type {
  FunctionTable,
  Functions,
  LibraryDefinition,
  LibraryImport,
} from "./library/definition.js";
import type { LibraryFunction } from "./libraryCall.js";
import { Refusals } from "./refusals.js";

/** Where libraries live: one memory, of which they may keep parts. */
export interface LibraryHost {
  readonly memory: WebAssembly.Memory;
  /** The type under which modules import the memory. */
  readonly memoryType: MemoryType;
  readonly engine: Engine;
  /** Gives zeroed memory for good, aligned to 16 bytes; grows the memory where needed. */
  reserve(bytes: number): number;
}

/** A compiled library, as another thread needs it to have the same functions. */
export interface LibraryModule {
  readonly name: string;
  readonly module: WebAssembly.Module;
  /** Functions of earlier modules, by the names under which this one imports them. */
  readonly imports: { readonly [name: string]: LibraryImport };
}

/**
 * The libraries of one runtime. Each is compiled when it is first asked for, and stays.
 *
 * @example
 * ```ts
 * const libraries = new KernelLibraries({ memory, memoryType, engine, reserve });
 * const { gemm } = contractLibrary(libraries, "float32").functions;
 * ```
 */
export class KernelLibraries {
  private readonly loaded = new Map<string, LoadedLibrary>();
  private readonly regions = new Map<string, number>();
  private refused: Refusals | undefined;
  private pool: ConstantPool | undefined;

  constructor(readonly host: LibraryHost) {}

  /** The functions of a library, compiled where they are not yet. */
  load<F extends FunctionTable>(definition: LibraryDefinition<F>): Functions<F> {
    const { name, functions } = definition;
    let library = this.loaded.get(name);
    if (library === undefined) {
      library = this.compile(definition);
      this.loaded.set(name, library);
    }
    return functionsOf(name, functions, library.instance.exports);
  }

  /** All libraries loaded so far, in an order in which they can be instantiated. */
  modules(): readonly LibraryModule[] {
    return [...this.loaded.values()].map(({ library }) => library);
  }

  /** The address of memory that functions keep between calls, zero at first. */
  region(name: string, bytes: number): number {
    const known = this.regions.get(name) ?? this.host.reserve(bytes);
    this.regions.set(name, known);
    return known;
  }

  /** How code that runs on this memory refuses values. */
  get refusals(): Refusals {
    this.refused ??= new Refusals(this.host.memory, this.region("refusals", Refusals.bytes));
    return this.refused;
  }

  /**
   * Throws the error of values that calls refused since the last time, if there were any.
   */
  checkRefusals(): void {
    this.refused?.check();
  }

  /** The constants that generated code of this runtime shares. */
  get constants(): ConstantPool {
    if (this.pool === undefined) {
      const { memory, reserve } = this.host;
      this.pool = new ConstantPool(memory, reserve);
    }
    return this.pool;
  }

  private compile({ name, imports = {}, write }: LibraryDefinition): LoadedLibrary {
    const { memory, memoryType, engine } = this.host;
    const module = new ModuleBuilder(memoryType, name);
    write({ module, constants: this.constants, engine });
    const library = { name, module: new WebAssembly.Module(module.bytes()), imports };
    const instances = new Map([...this.loaded].map(([key, { instance }]) => [key, instance]));
    return { library, instance: instantiateLibrary(library, memory, instances) };
  }
}

interface LoadedLibrary {
  readonly library: LibraryModule;
  readonly instance: WebAssembly.Instance;
}

/** Connects a module with the memory of its runtime and with earlier libraries. */
export function instantiateLibrary(
  { module, imports }: LibraryModule,
  memory: WebAssembly.Memory,
  earlier: ReadonlyMap<string, WebAssembly.Instance>,
): WebAssembly.Instance {
  const env: Record<string, WebAssembly.ImportValue> = { memory };
  for (const [name, from] of Object.entries(imports)) {
    const instance = earlier.get(from.library);
    if (instance === undefined) throw new TypeError(`library ${from.library} is not there yet`);
    env[name] = exportedFunction(instance.exports, from.name);
  }
  return new WebAssembly.Instance(module, { env });
}

type Numeric = (...args: number[]) => void;

function isFunction(value: unknown): value is Numeric {
  return typeof value === "function";
}

function exportedFunction(exports: WebAssembly.Exports, name: string): Numeric {
  const value: unknown = exports[name];
  if (!isFunction(value)) throw new TypeError(`the module exports no function ${name}`);
  return value;
}

/** Imports functions into a module under the names that its definition gives them. */
export function importFunctions<N extends string>(
  module: ModuleBuilder,
  parameters: { readonly [P in N]: readonly string[] },
  names: readonly N[],
): (name: N) => FunctionRef {
  const refs = new Map(
    names.map((name) => {
      const type = { params: parameters[name].map(() => "i32" as const), results: [] };
      return [name, module.import(name, type)] as const;
    }),
  );
  return (name) => {
    const ref = refs.get(name);
    if (ref === undefined) throw new TypeError(`${name} is not imported`);
    return ref;
  };
}

function hasAll<F extends FunctionTable>(
  table: F,
  found: { readonly [name: string]: LibraryFunction },
): found is Functions<F> {
  return Object.keys(table).every((name) => name in found);
}

function functionsOf<F extends FunctionTable>(
  library: string,
  table: F,
  exports: WebAssembly.Exports,
): Functions<F> {
  const found: { [name: string]: LibraryFunction } = {};
  for (const [name, parameters] of Object.entries(table)) {
    const run = exportedFunction(exports, name);
    found[name] = { library, name, parameters, arity: parameters.length, run };
  }
  if (!hasAll(table, found)) throw new TypeError(`${library} lacks functions`);
  return found;
}
