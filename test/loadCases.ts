import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { GoldenCase } from "./goldenCases.js";

/** All cases of the `.json` files in a folder but the manifest, by file name. */
export function loadCases(folder: string): GoldenCase[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json") && name !== "manifest.json")
    .sort()
    .flatMap((name) => {
      const cases: GoldenCase[] = JSON.parse(readFileSync(join(folder, name), "utf8"));
      return cases.map((one) => ({ ...one, category: name.slice(0, -5) }) as GoldenCase);
    });
}
