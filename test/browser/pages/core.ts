import type { GoldenCase } from "../../goldenCases.js";
import { runCoreSubset } from "../coreSubset.js";

const files: readonly string[] = await (await fetch("/golden.json")).json();
const cases: readonly GoldenCase[][] = await Promise.all(
  files.map(async (file) => (await fetch(file)).json()),
);
const isolation = {
  isolated: crossOriginIsolated,
  shares: typeof SharedArrayBuffer === "function",
};
document.body.textContent = JSON.stringify({ ...isolation, results: runCoreSubset(cases.flat()) });
document.title = "done";
