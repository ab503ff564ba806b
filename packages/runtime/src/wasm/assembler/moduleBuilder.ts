import { ByteWriter } from "./encoding.js";
import { FunctionBuilder, type FunctionRef, type FunctionType } from "./functionBuilder.js";
import { valueTypeCodes } from "./instructions.js";

/** The memory that a module imports as `env.memory`; sizes in pages of 64 KiB. */
export interface MemoryType {
  readonly initial: number;
  readonly maximum: number;
  readonly shared: boolean;
}

const section = { custom: 0, type: 1, import: 2, function: 3, export: 7, code: 10 } as const;
const names = { module: 0, functions: 1 } as const;

/**
 * Writes a WebAssembly module that works on one imported memory.
 *
 * @example
 * ```ts
 * const module = new ModuleBuilder({ initial: 1, maximum: 1, shared: false });
 * const add = module.function("add", { params: ["i32", "i32"], results: ["i32"] });
 * add.return(add.op("i32.add", add.param(0, "i32"), add.param(1, "i32")));
 * new WebAssembly.Module(module.bytes());
 * ```
 */
export class ModuleBuilder {
  private readonly imports: FunctionRef[] = [];
  private readonly functions: FunctionBuilder[] = [];
  private readonly hidden = new Set<FunctionBuilder>();

  /** `name`: how profilers call the module; its functions go by theirs. */
  constructor(
    private readonly memory: MemoryType,
    private readonly name = "",
  ) {}

  /**
   * A function of another instance, imported as `env.name`. All imports come before the first
   * function.
   */
  import(name: string, type: FunctionType): FunctionRef {
    if (this.functions.length > 0) throw new Error(`import ${name} after a function`);
    const ref = { name, index: this.imports.length, type };
    this.imports.push(ref);
    return ref;
  }

  /** An exported function, to be filled with code. */
  function(name: string, type: FunctionType): FunctionBuilder {
    const built = new FunctionBuilder(name, this.imports.length + this.functions.length, type);
    this.functions.push(built);
    return built;
  }

  /** A function that only this module calls. */
  helper(name: string, type: FunctionType): FunctionBuilder {
    const built = this.function(name, type);
    this.hidden.add(built);
    return built;
  }

  bytes(): Uint8Array<ArrayBuffer> {
    const types = new Map<string, { readonly index: number; readonly type: FunctionType }>();
    const typeIndex = ({ type }: FunctionRef): number => {
      const key = `${type.params.join()}>${type.results.join()}`;
      const entry = types.get(key) ?? { index: types.size, type };
      types.set(key, entry);
      return entry.index;
    };
    const imported = this.imports.map(typeIndex);
    const own = this.functions.map(typeIndex);
    const out = new ByteWriter();
    out.append([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
    writeSection(out, section.type, (to) => writeTypes(to, [...types.values()]));
    writeSection(out, section.import, (to) => this.writeImports(to, imported));
    writeSection(out, section.function, (to) => writeVector(to, own, (one) => to.unsigned(one)));
    writeSection(out, section.export, (to) => this.writeExports(to));
    writeSection(out, section.code, (to) => this.writeCode(to));
    if (this.name !== "") writeSection(out, section.custom, (to) => this.writeNames(to));
    return out.view().slice();
  }

  private writeImports(to: ByteWriter, types: readonly number[]): void {
    const { initial, maximum, shared } = this.memory;
    to.unsigned(this.imports.length + 1);
    to.name("env");
    to.name("memory");
    to.append([2, shared ? 3 : 1]);
    to.unsigned(initial);
    to.unsigned(maximum);
    for (const [position, { name }] of this.imports.entries()) {
      to.name("env");
      to.name(name);
      to.byte(0);
      to.unsigned(types[position] ?? 0);
    }
  }

  private writeExports(to: ByteWriter): void {
    const exported = this.functions.filter((one) => !this.hidden.has(one));
    writeVector(to, exported, ({ name, index }) => {
      to.name(name);
      to.byte(0);
      to.unsigned(index);
    });
  }

  private writeNames(to: ByteWriter): void {
    to.name("name");
    writeSection(to, names.module, (part) => part.name(this.name));
    writeSection(to, names.functions, (part) => {
      writeVector(part, this.functions, ({ name, index }) => {
        part.unsigned(index);
        part.name(name);
      });
    });
  }

  private writeCode(to: ByteWriter): void {
    writeVector(to, this.functions, (one) => {
      const body = one.body();
      to.unsigned(body.length);
      to.append(body);
    });
  }
}

function writeTypes(to: ByteWriter, types: readonly { readonly type: FunctionType }[]): void {
  writeVector(to, types, ({ type }) => {
    to.byte(0x60);
    writeVector(to, type.params, (one) => to.byte(valueTypeCodes[one]));
    writeVector(to, type.results, (one) => to.byte(valueTypeCodes[one]));
  });
}

function writeVector<T>(to: ByteWriter, items: readonly T[], write: (item: T) => void): void {
  to.unsigned(items.length);
  for (const item of items) write(item);
}

function writeSection(to: ByteWriter, id: number, write: (to: ByteWriter) => void): void {
  const content = new ByteWriter();
  write(content);
  to.byte(id);
  to.unsigned(content.length);
  to.append(content.view());
}
