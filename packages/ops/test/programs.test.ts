import { fronts } from "../src/index.js";
import { expectDerivatives, scattered } from "./programs.js";

const { multiply, stopGradient } = fronts;

test("expectDerivatives notices a gradient that lacks a term", () => {
  const x = scattered([3]);
  expect(() => expectDerivatives((v) => multiply(v, stopGradient(v)), [x], 1)).toThrow();
});

test("expectDerivatives notices a second derivative that lacks a term", () => {
  // Gradient |v| * v**2, right at first, but |v| counts as a constant in it: the derivative of v**3 / 3 for v > 0.
  const x = { ...scattered([3]), data: [1, 2, 3] };
  const program = fronts.abs;
  expect(() => expectDerivatives((v) => program(v), [x], 2)).not.toThrow();
});
