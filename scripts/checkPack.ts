/**
 * Packs all packages, installs the tarballs into an empty project outside the workspace, and uses them there as a
 * stranger would: types under `nodenext` and `bundler`, a program, the CLI by its name. `npm run check:pack`.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
const project = mkdtempSync(join(tmpdir(), "adjoint-pack-"));
const keptGraph = join(project, "__graphs__", "graph.test.mjs", "gradient.txt");

function run(command: string, args: readonly string[], cwd = project): string {
  console.log(`$ ${[command, ...args].join(" ").replaceAll(project, ".")}`);
  return execFileSync(command, args, {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
}

function expectText(what: string, text: string, wanted: string): void {
  if (text.includes(wanted)) return;
  throw new Error(`${what}: expected ${JSON.stringify(wanted)} in:\n${text}`);
}

const program = `import { autograd, Builder, gradient, NDArray, nd, op, ShapeError, toText } from "adjoint";
import { nd as sameNd } from "@adjoint/nd";

const x = nd.arange(4).reshape([4, 1]).attachGrad();
const y = autograd.record(() => nd.dot(x.T, x).mul(2));
y.backward();
const error: number = x.grad === null ? Number.NaN : x.grad.sub(x.mul(4)).norm().asScalar();
console.log(\`error \${error}\`);
console.log(NDArray.name, sameNd.zeros([1]) instanceof NDArray);
try {
  nd.dot(x, x);
} catch (mistake) {
  if (mistake instanceof ShapeError) console.log(mistake.message);
}

const builder = new Builder("square");
const value = builder.input("x", { dtype: "float32", shape: [3] });
builder.output("y", op.multiply(value, value));
console.log(toText(gradient(builder.finish()).backward));
`;

const model = `import { type NDArray, nd } from "adjoint";

export default function model(x: NDArray): NDArray {
  return nd.dot(x.T, x).mul(2);
}
`;

const graphTest = `import { autograd, nd } from "adjoint";
import { toMatchGraph } from "adjoint/jest";

expect.extend({ toMatchGraph });

test("gradient", () => {
  const x = nd.array([1, 2]).attachGrad();
  const y = autograd.record(() => x.mul(Number(process.env.SCALE)));
  expect(autograd.graphOf(y)).toMatchGraph();
});
`;

function options(module: string, moduleResolution: string): string {
  return JSON.stringify({
    compilerOptions: {
      module,
      moduleResolution,
      target: "es2022",
      strict: true,
      noEmit: true,
      types: [],
    },
    include: ["main.ts", "model.ts"],
  });
}

try {
  run("npm", ["pack", "--silent", "--workspaces", "--pack-destination", project], root);
  writeFileSync(
    join(project, "package.json"),
    '{ "name": "elsewhere", "private": true, "type": "module" }\n',
  );
  writeFileSync(join(project, "main.ts"), program);
  writeFileSync(join(project, "model.ts"), model);
  writeFileSync(join(project, "tsconfig.nodenext.json"), options("nodenext", "nodenext"));
  writeFileSync(join(project, "tsconfig.bundler.json"), options("esnext", "bundler"));
  const tarballs = readdirSync(project).filter((name) => name.endsWith(".tgz"));
  run("npm", [
    "install",
    "--silent",
    "--no-audit",
    "--no-fund",
    ...tarballs.map((name) => `./${name}`),
  ]);
  for (const name of ["nodenext", "bundler"])
    run(process.execPath, [tsc, "-p", `tsconfig.${name}.json`]);
  run(process.execPath, [tsc, "-p", "tsconfig.nodenext.json", "--noEmit", "false"]);
  const output = run(process.execPath, ["main.js"]);
  expectText("program", output, "error 0");
  expectText("program", output, "NDArray true");
  expectText("program", output, "main.js:");
  expectText("program", output, "mul");
  const dumped = run("npx", [
    "--no-install",
    "adjoint",
    "dump",
    "model.ts",
    "--arg",
    "4x1",
    "--format",
    "dot",
  ]);
  expectText("adjoint dump", dumped, "digraph");
  expectText("adjoint dump", dumped, "model.ts:4");
  writeFileSync(join(project, "graph.test.mjs"), graphTest);
  const config = JSON.stringify({ testMatch: ["**/*.test.mjs"], transform: {} });
  const jest = createRequire(import.meta.url).resolve("jest/bin/jest");
  // Jest finds out by itself whether it runs in CI, where it keeps no new graphs.
  const tested = (scale: string, ci = false) => {
    const args = ["--experimental-vm-modules", jest, "--rootDir", project, "--config", config];
    return spawnSync(process.execPath, [...args, `--ci=${ci}`], {
      cwd: project,
      encoding: "utf8",
      env: { ...process.env, SCALE: scale },
    }).stderr;
  };
  expectText("toMatchGraph, new in CI", tested("2", true), "--ci writes none");
  expectText("toMatchGraph, new", tested("2"), "1 passed");
  expectText("toMatchGraph, kept", readFileSync(keptGraph, "utf8"), "mul(%");
  expectText("toMatchGraph, same", tested("2"), "1 passed");
  expectText("toMatchGraph, changed", tested("3"), "graph differs from");
  const png = join(project, "model.png");
  run("npx", ["--no-install", "adjoint", "dump", "model.ts", "--arg", "4x1", "-o", png]);
  expectText("adjoint dump -o model.png", readFileSync(png, "latin1"), "PNG");
  const page = join(project, "model.html");
  run("npx", ["--no-install", "adjoint", "explore", "model.ts", "--arg", "4x1", "--html", page]);
  expectText("adjoint explore --html", readFileSync(page, "utf8"), '"site":"model.ts:4"');
  console.log("packed packages work elsewhere");
} finally {
  rmSync(project, { recursive: true, force: true });
}
