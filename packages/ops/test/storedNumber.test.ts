import { dtypes, tensorType } from "@adjoint/graph";
import { createTensor, toNumbers } from "@adjoint/runtime";
import fc from "fast-check";
import { storedNumber } from "../src/simplify/storedNumber.js";

test.each(dtypes)("numbers that rules read in %s are those that the runtime stores", (dtype) => {
  // Integers beyond 2^53 and infinite ones are not numbers that a rule meets.
  const isFloat = dtype.startsWith("float");
  const numbers = isFloat ? fc.double() : fc.double({ min: -1e9, max: 1e9, noNaN: true });
  const near = fc.double({ min: -70000, max: 70000, noNaN: true });
  fc.assert(
    fc.property(fc.oneof(numbers, near, fc.double({ min: -1e-7, max: 1e-7 })), (value) => {
      if (!isFloat && !Number.isFinite(value)) return;
      const [wanted] = toNumbers(createTensor(tensorType(dtype, [1]), [value]));
      expect(storedNumber(value, dtype) + 0).toBe((wanted ?? Number.NaN) + 0);
    }),
    { numRuns: 500 },
  );
});
