import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { inspect } from "node:util";
import { NDArray } from "adjoint";
import { differences } from "../scripts/differences.js";
import { folder } from "./pages.js";

/** Arrays as nested lists, numbers with six digits. */
function plain(value: unknown): unknown {
  if (value instanceof NDArray) return plain(value.asNested());
  if (Array.isArray(value)) return value.map(plain);
  return typeof value === "number" ? Number(value.toPrecision(6)) : value;
}

function outcomeOf(run: () => unknown): string {
  try {
    return inspect(plain(run()), { depth: null, breakLength: Number.POSITIVE_INFINITY });
  } catch (error) {
    return error instanceof Error ? error.name : String(error);
  }
}

/** The programs of all rows, as functions of one module. */
async function programs(): Promise<readonly (() => unknown)[]> {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "differences.mjs");
  const bodies = differences.map(({ run }) => `  () => {\n    ${run}\n  },\n`);
  const imports = 'import { autograd, nd, ShapeError } from "adjoint";\n';
  writeFileSync(file, `${imports}\nexport const programs = [\n${bodies.join("")}];\n`);
  const loaded: { programs: readonly (() => unknown)[] } = await import(pathToFileURL(file).href);
  return loaded.programs;
}

const all = await programs();

test.each(differences.map(({ area, when, gives }, at) => [area, when, gives, at] as const))(
  "%s: %s",
  (_area, _when, gives, at) => {
    expect(outcomeOf(all[at] ?? (() => "no program"))).toBe(gives);
  },
);
