import { fronts } from "../src/index.js";
import { expectDerivatives, irregular } from "./support.js";

const { multiply, stopGradient } = fronts;

test("expectDerivatives notices a gradient that lacks a term", () => {
  const x = irregular([3]);
  expect(() => expectDerivatives((v) => multiply(v, v), [x])).not.toThrow();
  expect(() => expectDerivatives((v) => multiply(v, stopGradient(v)), [x])).toThrow();
});
