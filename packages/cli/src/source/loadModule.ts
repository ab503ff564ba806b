import { nearestName } from "@adjoint/graph";
import { urlOf } from "../host.js";
import { UsageError } from "../usageError.js";

export type UserFunction = (...args: unknown[]) => unknown;

/** What a module exports. */
type Exports = { readonly [name: string]: unknown };

function isExports(value: unknown): value is Exports {
  return typeof value === "object" && value !== null;
}

function isFunction(value: unknown): value is UserFunction {
  return typeof value === "function";
}

/** Told the address of each module that is loaded. */
export type OnImport = (url: string) => void;

let translation: Promise<void> | undefined;

/** Has TypeScript translated, in ES and CommonJS modules alike, from now on. */
async function translate(onImport: OnImport): Promise<void> {
  const [cjs, esm] = await Promise.all([import("tsx/cjs/api"), import("tsx/esm/api")]);
  cjs.register();
  esm.register({ onImport });
}

/** Loads a module; TypeScript is translated on the way. */
async function importModule(path: string, onImport: OnImport): Promise<Exports> {
  translation ??= translate(onImport);
  await translation;
  const loaded: Exports = await import(urlOf(path));
  const { default: main } = loaded;
  // The exports of a CommonJS module arrive as its default export.
  return isExports(main) ? { ...loaded, default: undefined, ...main } : loaded;
}

function noFunction(file: string, name: string, exports: Exports): UsageError {
  const names = Object.keys(exports).filter((one) => one !== "default" && isFunction(exports[one]));
  const problem =
    exports[name] === undefined
      ? `${file} has no ${name === "default" ? "default export" : `export ${name}`}`
      : `${name === "default" ? "the default export" : `export ${name}`} of ${file} is no function`;
  if (names.length === 0) return new UsageError(`${problem}, and exports no function`);
  const near = name === "default" ? undefined : nearestName(name, names);
  const hint =
    near === undefined
      ? `exported functions: ${names.map((one) => `${file}#${one}`).join(", ")}`
      : `did you mean ${file}#${near}?`;
  return new UsageError(`${problem}; ${hint}`);
}

/**
 * The function that a module exports under `name`, or as its default.
 *
 * @throws UsageError where there is none; whatever the module throws
 */
export async function loadFunction(
  { path, file }: { readonly path: string; readonly file: string },
  name = "default",
  onImport: OnImport = () => {},
): Promise<UserFunction> {
  const exports = await importModule(path, onImport);
  const found = Object.hasOwn(exports, name) ? exports[name] : undefined;
  if (isFunction(found)) return found;
  throw noFunction(file, name, exports);
}
