import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { withoutOperators } from "../scripts/operatorDocs/families.js";
import { linesOf } from "../scripts/operatorDocs/examples.js";
import { type Documented, document, operatorsPage } from "../scripts/operatorDocs/page.js";
import { pathOf, publicFunctions } from "../scripts/operatorDocs/publicFunctions.js";

const path = fileURLToPath(new URL("../docs/operators.md", import.meta.url));
const functions = document(publicFunctions());

/** Names of the functions of which `isWrong` holds. */
function wrong(isWrong: (one: Documented) => boolean): readonly string[] {
  return functions.filter(isWrong).map(({ name }) => name);
}

describe("the operator reference", () => {
  test("is what the docstrings say now: npm run docs:operators", () => {
    expect(readFileSync(path, "utf8")).toBe(operatorsPage(functions));
  });

  test("covers the functions of every package that users reach through nd", () => {
    const names = functions.map(({ name }) => name);
    const expected = [
      "zeros",
      "random.normal",
      "add",
      "sum",
      "linalg.det",
      "BatchNorm",
      "Dropout",
      "save",
      "contrib.foreach",
      "autograd.record",
    ];
    expect(names).toEqual(expect.arrayContaining(expected));
    expect(new Set(names).size).toBe(names.length);
  });
});

describe("every public function states", () => {
  test("what it does", () => {
    expect(wrong(({ docs }) => docs.description === "")).toEqual([]);
  });

  test("what it gives, its derivative, and its errors", () => {
    expect(wrong(({ docs }) => docs.returns === "")).toEqual([]);
    const computing = (isWrong: (one: Documented) => boolean) =>
      wrong((one) => !withoutOperators.has(one.family) && isWrong(one));
    expect(computing(({ docs }) => docs.derivative === "")).toEqual([]);
    expect(computing(({ docs }) => docs.throws.length === 0)).toEqual([]);
  });

  test("each of its parameters", () => {
    expect(
      wrong(({ parameters, docs }) => parameters.some((name) => !docs.params.get(name))),
    ).toEqual([]);
  });

  test("each of its options, with the default where it may be left out", () => {
    const incomplete = functions.flatMap(({ name, options }) =>
      options
        .filter((one) => one.meaning === "" || one.type === "" || !(one.required || one.byDefault))
        .map((option) => `${name}: ${option.name}`),
    );
    expect(incomplete).toEqual([]);
  });

  test("an example that ends with a value", () => {
    expect(wrong(({ docs }) => (linesOf(docs.example).at(-1)?.comment ?? "") === "")).toEqual([]);
  });

  test("its operators, but for what makes arrays from numbers of the host", () => {
    const idle = wrong((one) => !withoutOperators.has(one.family) && one.run.emitted.length === 0);
    const creation = ["arange", "array", "empty", "eye", "full", "linspace", "ones", "zeros"];
    const boxes = ["bipartiteMatching", "MultiBoxDetection", "MultiBoxPrior", "MultiBoxTarget"];
    const known = [...creation, ...boxes.map((name) => `contrib.${name}`), "random.seed"];
    expect([...idle].sort()).toEqual(known.sort());
  });

  test("a derivative of 0 where none of its operators has a derivative", () => {
    const constant = ({ run }: Documented) =>
      run.emitted.length > 0 && run.emitted.every(({ op }) => op.vjp && "none" in op.vjp);
    expect(wrong((one) => constant(one) && !one.docs.derivative.startsWith("0"))).toEqual([]);
  });
});

describe("the value behind each line is what it gives", () => {
  test.each(functions.map((one) => [pathOf(one.name), one.run.values] as const))(
    "%s",
    (_, values) => {
      for (const { code, expected, received } of values) {
        expect(`${code} // ${received}`).toBe(`${code} // ${expected}`);
      }
    },
  );
});
