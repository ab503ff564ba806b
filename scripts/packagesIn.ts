import { join } from "node:path";
import type { Metafile } from "esbuild";

/** The folders of the packages that went into a bundle; `root` is where its paths start. */
export function packagesIn({ inputs }: Metafile, root: string): string[] {
  const found = Object.keys(inputs).flatMap(
    (path) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? [],
  );
  return [...new Set(found)].sort().map((path) => join(root, path));
}
