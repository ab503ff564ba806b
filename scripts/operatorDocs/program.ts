import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = fileURLToPath(new URL("../../", import.meta.url));
const packages = ["graph", "ops", "autograd", "runtime", "nd"];

/** The modules that hold what users call, and a checker over them. */
export interface PublicModules {
  readonly checker: ts.TypeChecker;
  readonly nd: ts.Symbol;
  readonly autograd: ts.Symbol;
}

/** The sources behind `nd` and `autograd`, every package resolved to its sources rather than to what was built. */
export function publicModules(): PublicModules {
  const entries = ["nd", "autograd"].map((name) => `${root}packages/nd/src/${name}.ts`);
  const paths = packages.flatMap((name) => [
    [`@adjoint/${name}`, [`${root}packages/${name}/src/index.ts`]],
    [`@adjoint/${name}/*`, [`${root}packages/${name}/src/*.ts`]],
  ]);
  const program = ts.createProgram(entries, {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    strict: true,
    lib: ["lib.es2022.d.ts"],
    types: [],
    paths: Object.fromEntries(paths),
  });
  const checker = program.getTypeChecker();
  const [nd, autograd] = entries.map((entry) => {
    const source = program.getSourceFile(entry);
    return source && checker.getSymbolAtLocation(source);
  });
  if (nd && autograd) return { checker, nd, autograd };
  throw new Error(`operatorDocs: ${entries.join(" or ")} is not a module`);
}
