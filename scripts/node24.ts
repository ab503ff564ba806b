/**
 * Node 24, from the package `node` of npm, in a folder of its own: `tsx scripts/node24.ts` runs the tests on it.
 * Further arguments go to Jest.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const version = "24.21.0";
const root = fileURLToPath(new URL("..", import.meta.url));
const folder = join(root, "out", `node-${version}`);

/** The executable, fetched if it is not there yet. The package's install script picks the machine's own build. */
export function fetchNode24(): string {
  const program = join(
    folder,
    "node_modules",
    "node",
    "bin",
    process.platform === "win32" ? "node.exe" : "node",
  );
  if (existsSync(program)) return program;
  // A fetch that breaks off leaves nothing that looks complete.
  const partial = `${folder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  writeFileSync(join(partial, "package.json"), '{ "private": true }\n');
  console.log(`fetching Node ${version}`);
  const args = [
    "install",
    "--silent",
    "--no-audit",
    "--no-fund",
    "--no-package-lock",
    `node@${version}`,
  ];
  execFileSync("npm", args, { cwd: partial, stdio: "inherit" });
  renameSync(partial, folder);
  const found = execFileSync(program, ["--version"], { encoding: "utf8" }).trim();
  if (found === `v${version}`) return program;
  throw new Error(`${program} is Node ${found}, expected v${version}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const jest = [
    "--experimental-vm-modules",
    "--no-warnings=ExperimentalWarning",
    join(root, "node_modules", "jest", "bin", "jest.js"),
    ...process.argv.slice(2),
  ];
  const { status } = spawnSync(fetchNode24(), jest, { cwd: root, stdio: "inherit" });
  process.exitCode = status ?? 1;
}
