/**
 * Writes two files of packages/runtime/src/math, from references of 200 bits: coefficients.ts, the
 * polynomials of scalar functions, fitted so that the largest weighted error is smallest; and
 * zeros.ts, what replaces them at the zeros of log |Gamma| and digamma. `npx tsx
 * scripts/fitCoefficients.ts`.
 */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Fit, fits } from "./fitCoefficients/fits.js";
import { minimax } from "./fitCoefficients/minimax.js";
import { type ZeroTable, zeroTables } from "./fitCoefficients/zeros.js";

const targetOf = (name: string) =>
  fileURLToPath(new URL(`../packages/runtime/src/math/${name}.ts`, import.meta.url));

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

const zerosHeader = `// Written by scripts/fitCoefficients.ts; change that and run it again. A row is a zero as the sum of
// two numbers, the coefficient of the first power of the distance likewise, and those of the powers
// from the second on.

`;

function listed({ name, description, rows }: ZeroTable): string {
  const lines = rows.map((row) => `  [${row.join(", ")}],\n`);
  return `/** Zeros of ${description}. */
export const ${name}: readonly (readonly number[])[] = [\n${lines.join("")}];\n`;
}

function write(name: string, text: string): void {
  writeFileSync(targetOf(name), text);
  execFileSync("npx", ["biome", "format", "--write", targetOf(name)]);
}

write("zeros", zerosHeader + zeroTables.map(listed).join("\n"));
write("coefficients", header + fits.map(described).join("\n"));
