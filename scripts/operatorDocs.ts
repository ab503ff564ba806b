/**
 * Writes docs/operators.md, the operator reference, from the docstrings: `npm run docs:operators`. With `--check` it
 * writes nothing, and exits with 1 if the page is stale.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { document, operatorsPage } from "./operatorDocs/page.js";
import { publicFunctions } from "./operatorDocs/publicFunctions.js";

const { values } = parseArgs({ options: { check: { type: "boolean", default: false } } });
const path = fileURLToPath(new URL("../docs/operators.md", import.meta.url));
const functions = publicFunctions();
const page = operatorsPage(document(functions));

if (!values.check) {
  writeFileSync(path, page);
  console.log(`docs/operators.md: ${functions.length} functions`);
} else if (readFileSync(path, "utf8") !== page) {
  console.error("docs/operators.md is stale: npm run docs:operators");
  process.exitCode = 1;
}
