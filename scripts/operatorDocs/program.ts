import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = fileURLToPath(new URL("../../", import.meta.url));
const packages = ["graph", "ops", "autograd", "runtime", "nd"];

/** The sources behind `nd`, every package resolved to its sources rather than to what was built. */
export function ndProgram(): { readonly checker: ts.TypeChecker; readonly nd: ts.Symbol } {
  const entry = `${root}packages/nd/src/nd.ts`;
  const paths = packages.flatMap((name) => [
    [`@adjoint/${name}`, [`${root}packages/${name}/src/index.ts`]],
    [`@adjoint/${name}/*`, [`${root}packages/${name}/src/*.ts`]],
  ]);
  const program = ts.createProgram([entry], {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    strict: true,
    lib: ["lib.es2022.d.ts"],
    types: [],
    paths: Object.fromEntries(paths),
  });
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(entry);
  const nd = source && checker.getSymbolAtLocation(source);
  if (nd === undefined) throw new Error(`operatorDocs: ${entry} is not a module`);
  return { checker, nd };
}
