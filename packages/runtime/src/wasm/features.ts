import { ModuleBuilder } from "./assembler/index.js";

/** What the engine's WebAssembly can do beyond 128-bit SIMD. */
export interface Features {
  /** Multiply-add in one instruction, `f32x4.relaxed_madd`. */
  readonly relaxed: boolean;
}

/** Asks the engine by having it validate small modules. */
export function probeFeatures(): Features {
  return { relaxed: validates("f32x4.relaxed_madd") };
}

function validates(name: "f32x4.relaxed_madd"): boolean {
  const module = new ModuleBuilder({ initial: 0, maximum: 1, shared: false });
  const probe = module.function("probe", { params: ["v128"], results: ["v128"] });
  const x = probe.param(0, "v128");
  probe.return(probe.op(name, x, x, x));
  return WebAssembly.validate(module.bytes());
}
