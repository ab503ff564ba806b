type Numeric = (...args: readonly number[]) => void;

function isFunction<F extends Numeric>(value: unknown): value is F {
  return typeof value === "function";
}

/** A function that a module is known to export. */
export function exportedFunction<F extends Numeric>(
  instance: WebAssembly.Instance,
  name: string,
): F {
  const value: unknown = instance.exports[name];
  if (!isFunction<F>(value)) throw new TypeError(`the module exports no function ${name}`);
  return value;
}
