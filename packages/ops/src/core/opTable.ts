import type { OpDef } from "@adjoint/graph";

/** A family of operators declared as the rows of one table, and how each is applied. */
export interface OpTable<F> {
  readonly defs: readonly OpDef[];
  /** The function that applies the operator of this name. Throws where the table has no such row. */
  fn(name: string): F;
}

export function opTable<F>(defs: readonly OpDef[], apply: (def: OpDef) => F): OpTable<F> {
  const byName = new Map(defs.map((def) => [def.name, def]));
  return {
    defs,
    fn(name) {
      const def = byName.get(name);
      if (def === undefined) throw new Error(`operator table: no row ${name}`);
      return apply(def);
    },
  };
}
