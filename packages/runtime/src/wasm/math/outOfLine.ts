import type { FunctionBuilder, FunctionRef, FunctionType } from "../assembler/functionBuilder.js";
import type { ModuleBuilder } from "../assembler/moduleBuilder.js";

/** Helper functions of one module, each written when it is first asked for. */
export class OutOfLine {
  private readonly functions = new Map<string, FunctionRef>();

  constructor(private readonly module: ModuleBuilder) {}

  /** The helper of that name, which stands for one type and one body. */
  function(name: string, type: FunctionType, write: (code: FunctionBuilder) => void): FunctionRef {
    const known = this.functions.get(name);
    if (known !== undefined) return known;
    const helper = this.module.helper(`math.${name}`, type);
    this.functions.set(name, helper);
    write(helper);
    return helper;
  }
}
