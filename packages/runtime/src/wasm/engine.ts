import { enableRelaxedSimd, enableRevectorizer } from "#engine";
import { type Features, probeFeatures } from "./features.js";

/** What is known about the engine. */
export interface Engine {
  readonly features: Features;
  /** Two neighbouring operations on 128 bits become one on 256. */
  readonly revectorizes: boolean;
}

/**
 * Whether the engine's optimising compiler leaves loads where they are. V8's does since Turboshaft,
 * which WebAssembly's garbage collection preceded (Node 20 has neither): the module declares a
 * struct type and nothing else.
 */
export function keepsLoadsInPlace(): boolean {
  return WebAssembly.validate(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 3, 1, 0x5f, 0));
}

/**
 * What the engine can do, once all of it is switched on: relaxed SIMD takes a flag on Node 20,
 * which is set only where the instructions are not there without it.
 */
export function detectFeatures(): Features {
  const features = probeFeatures();
  if (features.relaxed || !enableRelaxedSimd()) return features;
  return probeFeatures();
}

/**
 * The engine as it is, or with V8's revectorizer where `revectorize` asks for it and `passes`
 * finds that generated code gives the right results and gains from it. The revectorizer is an
 * experiment of V8's that comes with Node 24, and needs AVX2.
 */
export function detectEngine(revectorize: boolean, passes: (engine: Engine) => boolean): Engine {
  const engine = { features: detectFeatures(), revectorizes: false };
  if (!revectorize || !keepsLoadsInPlace() || !enableRevectorizer()) return engine;
  const wide = { ...engine, revectorizes: true };
  return passes(wide) ? wide : engine;
}
