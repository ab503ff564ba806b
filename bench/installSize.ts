import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { root } from "./contenders.js";
import type { InstallSize } from "./results.js";

/** Where packages are looked for: the peers', then ours. */
const folders = [`${root}bench/node_modules`, `${root}node_modules`];

function folderOf(name: string): string | undefined {
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/** A package and all that it depends on, as far as it is installed. */
function closure(names: readonly string[]): Map<string, string> {
  const found = new Map<string, string>();
  const waiting = [...names];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const folder = folderOf(name);
    if (found.has(name) || folder === undefined) continue;
    found.set(name, folder);
    const { dependencies = {}, optionalDependencies = {} } = JSON.parse(
      readFileSync(join(folder, "package.json"), "utf8"),
    );
    waiting.push(...Object.keys(dependencies), ...Object.keys(optionalDependencies));
  }
  return found;
}

/**
 * Bytes of the files below a folder; packages nested in it do not count, nor do files in `seen`: one that has two names,
 * such as esbuild's, takes its room once.
 */
function bytesBelow(folder: string, seen: Set<number>): number {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => name !== "node_modules")
    .reduce((sum, entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return sum + bytesBelow(path, seen);
      const { ino, nlink, size } = statSync(path);
      if (nlink === 1) return sum + size;
      const isNew = !seen.has(ino);
      seen.add(ino);
      return isNew ? sum + size : sum;
    }, 0);
}

/** Bytes of our packages as they are packed, by name. */
function packedBytes(): Map<string, number> {
  const args = ["pack", "--workspaces", "--dry-run", "--json", "--silent"];
  const listing: unknown = JSON.parse(
    execFileSync("npm", args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }),
  );
  // A list, or since npm 11.19 an object by name.
  const packages: readonly { readonly name: string; readonly unpackedSize: number }[] =
    typeof listing === "object" && listing !== null ? Object.values(listing) : [];
  return new Map(packages.map(({ name, unpackedSize }) => [name, unpackedSize]));
}

const installed: Readonly<Record<string, readonly string[]>> = {
  adjoint: ["adjoint"],
  jaxjs: ["@jax-js/jax"],
  "tfjs-cpu": ["@tensorflow/tfjs"],
  "tfjs-wasm": ["@tensorflow/tfjs", "@tensorflow/tfjs-backend-wasm"],
  "ort-web": ["onnxruntime-web"],
  "ort-node": ["onnxruntime-node"],
};

/** What an installation takes on disk. */
export function installSizes(only: (contender: string) => boolean): InstallSize[] {
  const packed = packedBytes();
  return Object.entries(installed)
    .filter(([contender, names]) => only(contender) && names.every((name) => folderOf(name)))
    .map(([contender, names]) => {
      const packages = closure(names);
      const seen = new Set<number>();
      const bytes = [...packages].map(
        ([name, folder]) => packed.get(name) ?? bytesBelow(folder, seen),
      );
      const sum = bytes.reduce((all, one) => all + one, 0);
      return { contender, mebibytes: sum / 2 ** 20, packages: packages.size };
    });
}
