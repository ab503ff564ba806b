/**
 * Writes packages/runtime/src/wasm/math/coefficients.ts: the polynomials of the vector functions,
 * fitted to references of 200 bits so that the largest weighted error is smallest. `npx tsx
 * scripts/fitCoefficients.ts`.
 */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Fit, fits } from "./fitCoefficients/fits.js";
import { minimax } from "./fitCoefficients/minimax.js";

const target = fileURLToPath(
  new URL("../packages/runtime/src/wasm/math/coefficients.ts", import.meta.url),
);

const header = `// Written by scripts/fitCoefficients.ts; change that and run it again. Polynomials are arrays of
// coefficients, lowest power first. The error is the largest in exact arithmetic, relative to the
// function's value, before the coefficients are rounded to the format.

`;

function described(fit: Fit): string {
  const { coefficients, error } = minimax(fit);
  const rounded = coefficients.map((one) => (fit.single ? Math.fround(one) : one));
  const digits = rounded.map((one) => String(fit.single ? shortest(one) : one));
  const level = Math.log2(error).toFixed(1);
  console.log(`${fit.name}: ${coefficients.length} coefficients, 2^${level}`);
  return `/** ${fit.formula}; error 2^${level}. */
export const ${fit.name}: readonly number[] = [\n${digits.map((one) => `  ${one},\n`).join("")}];\n`;
}

/** The shortest decimal number that rounds to the same single. */
function shortest(value: number): number {
  for (let digits = 1; ; digits++) {
    const candidate = Number(value.toPrecision(digits));
    if (Math.fround(candidate) === value) return candidate;
  }
}

writeFileSync(target, header + fits.map(described).join("\n"));
execFileSync("npx", ["biome", "format", "--write", target]);
