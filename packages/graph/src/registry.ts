import { GraphError } from "./errors.js";
import { nearestName } from "./nearestName.js";
import type { OpDef, Registry } from "./op.js";

/** Collects operators by name. Two of one name are refused. */
export function createRegistry(defs: Iterable<OpDef>): Registry {
  const table = new Map<string, OpDef>();
  for (const def of defs) {
    if (table.has(def.name)) {
      throw new GraphError({ op: def.name, problem: "operator is registered twice" });
    }
    table.set(def.name, def);
  }
  const names = [...table.keys()];
  return {
    names,
    has: (name) => table.has(name),
    get(name) {
      const def = table.get(name);
      if (def !== undefined) return def;
      throw new GraphError({
        op: name,
        problem: "unknown operator",
        allowed: nearestName(name, names) ?? `${names.length} registered operators`,
      });
    },
  };
}
