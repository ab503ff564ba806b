/** Writes docs/operators.md, the operator reference, from the docstrings: `npm run docs:operators -- --help`. */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Command } from "@commander-js/extra-typings";
import { document, operatorsPage } from "./operatorDocs/page.js";
import { publicFunctions } from "./operatorDocs/publicFunctions.js";

const { check } = new Command("npm run docs:operators --")
  .description("writes docs/operators.md, the operator reference, from the docstrings")
  .option("--check", "write nothing, and exit with 1 if the page is stale")
  .parse()
  .opts();
const path = fileURLToPath(new URL("../docs/operators.md", import.meta.url));
const functions = publicFunctions();
const page = operatorsPage(document(functions));

if (!check) {
  writeFileSync(path, page);
  console.log(`docs/operators.md: ${functions.length} functions`);
} else if (readFileSync(path, "utf8") !== page) {
  console.error("docs/operators.md is stale: npm run docs:operators");
  process.exitCode = 1;
}
