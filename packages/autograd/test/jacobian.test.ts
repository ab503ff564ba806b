import {
  ArgumentError,
  AttributeError,
  type Graph,
  nodesOf,
  ShapeError,
  toText,
  verify,
} from "@adjoint/graph";
import { add, fronts, mul, registry } from "@adjoint/ops";
import { hessian, hvp, jacobian } from "../src/index.js";
import { anyInputs, close, dotProduct, f64, program, run, runNamed, typed } from "./support.js";

const curve = program("curve", { x: f64(3), w: f64(2, 3), b: f64(2) }, ({ x, w, b }) => ({
  y: fronts.tanh(add(fronts.dot(w, x), b)),
}));

const loss = program("loss", { w: f64(2, 2), x: f64(2) }, ({ w, x }) => ({
  y: fronts.sum(mul(fronts.sin(fronts.dot(w, x)), fronts.exp(fronts.sum(w)))),
}));

/** Central differences of an output along each element of an input: rows are elements of the input. */
function differences(graph: Graph, wrt: string, of: string): number[][] {
  const step = 1e-5;
  const point = anyInputs(graph);
  return (point[wrt] ?? []).map((_, at) => {
    const moved = (by: number) => {
      const values = (point[wrt] ?? []).map((value, index) => (index === at ? value + by : value));
      return runNamed(graph, { ...point, [wrt]: values })[of] ?? [];
    };
    const below = moved(-step);
    return moved(step).map((value, index) => (value - (below[index] ?? 0)) / (2 * step));
  });
}

function transposed(rows: readonly (readonly number[])[]): number[][] {
  return (rows[0] ?? []).map((_, column) => rows.map((row) => row[column] ?? Number.NaN));
}

test.each(["x", "w", "b"])("both modes give the differences by %s", (wrt) => {
  const want = transposed(differences(curve, wrt, "y")).flat();
  const forward = jacobian(curve, { wrt, mode: "forward" });
  const reverse = jacobian(curve, { wrt, mode: "reverse" });
  const inputs = anyInputs(curve);
  expect(runNamed(forward, inputs).jacobian).toEqual(close(want));
  expect(runNamed(reverse, inputs).jacobian).toEqual(close(want));
  const type = curve.inputs.find(({ name }) => name === wrt)?.type.shape ?? [];
  for (const graph of [forward, reverse]) {
    verify(graph, registry);
    const [output] = graph.outputs;
    const shape = nodesOf(graph).find(({ id }) => id === output?.ref.node)?.types[0]?.shape;
    expect(shape).toEqual([2, ...type]);
  }
});

test("auto takes the mode with fewer directions", () => {
  const basis = (graph: Graph) => nodesOf(graph).find(({ op }) => op === "eye")?.attrs.rows;
  expect(basis(jacobian(curve, { wrt: "w" }))).toBe(2);
  const wide = program("wide", { x: f64(2) }, ({ x }) => ({ y: fronts.tile(x, { reps: 5 }) }));
  expect(basis(jacobian(wide))).toBe(2);
});

test("what does not depend on the direction is computed once", () => {
  expect(toText(jacobian(curve, { wrt: "x", mode: "reverse" }))).toMatchInlineSnapshot(`
"graph curve.jacobian(%x: float64[3], %w: float64[2,3], %b: float64[2]) -> (jacobian: %13) {
  %3 = eye() {rows=2, columns=2, k=0, dtype="float64"} : float64[2,2]
  %4 = reshape(%x) {shape=[3,1]} : float64[3,1]
  %5 = dot(%w, %4) : float64[2,1]
  %6 = reshape(%5) {shape=[2]} : float64[2]
  %7 = add(%6, %b) : float64[2]
  %8 = tanh(%7) : float64[2]
  %9 = mul(%8, %8) : float64[2]
  %11 = sub(1, %9) : float64[2]
  %12 = mul(%3, %11) : float64[2,2]
  %13 = dot(%12, %w) : float64[2,3]
}"
`);
});

test("an empty argument has an empty jacobian", () => {
  const empty = program("empty", { x: f64(0), z: f64(2) }, ({ x, z }) => ({
    y: add(z, fronts.sum(x)),
  }));
  expect(run(jacobian(empty, { wrt: "x" }), [[], [1, 2]])).toEqual([[]]);
});

test("the hessian is symmetric and that of the differences", () => {
  const graph = hessian(loss, { wrt: "w" });
  verify(graph, registry);
  const point = anyInputs(loss);
  const rows = runNamed(graph, point).hessian ?? [];
  const gradient = hvp(loss, { wrt: "w" });
  const zero = { "tangent.w": [0, 0, 0, 0] };
  const step = 1e-5;
  for (let i = 0; i < 4; i++) {
    const at = (by: number) =>
      runNamed(gradient, {
        ...point,
        ...zero,
        w: (point.w ?? []).map((value, index) => (index === i ? value + by : value)),
      })["grad.w"] ?? [];
    const below = at(-step);
    const want = at(step).map((value, index) => (value - (below[index] ?? 0)) / (2 * step));
    expect(rows.slice(4 * i, 4 * i + 4)).toEqual(close(want, 5));
    for (let j = 0; j < 4; j++) expect(rows[4 * i + j]).toBeCloseTo(rows[4 * j + i] ?? NaN, 12);
  }
});

test("hvp is the hessian times the vector, without the hessian", () => {
  const product = hvp(loss, { wrt: "w" });
  expect(product.outputs.map(({ name }) => name)).toEqual(["grad.w", "hvp.w"]);
  const point = { ...anyInputs(product), ...anyInputs(loss) };
  const rows = runNamed(hessian(loss, { wrt: "w" }), point).hessian ?? [];
  const want = [0, 1, 2, 3].map((i) =>
    dotProduct(rows.slice(4 * i, 4 * i + 4), point["tangent.w"] ?? []),
  );
  expect(runNamed(product, point)["hvp.w"]).toEqual(close(want, 10));
});

test("a quadratic form has its matrix as hessian", () => {
  const form = program("form", { x: f64(2) }, ({ x }) => ({
    y: fronts.sum(mul(mul(x, x), fronts.flip(x, { axis: 0 }))),
  }));
  // y = a²b + b²a: second derivatives 2b, 2a + 2b, 2a.
  expect(runNamed(hessian(form), { x: [3, 5] }).hessian).toEqual(close([10, 16, 16, 6], 12));
});

describe("wrong requests", () => {
  const two = program("two", { a: f64(2), b: f64(2), n: typed("int32", 2) }, ({ a, b, n }) => ({
    y: mul(a, b),
    n: add(n, 1),
  }));

  test("several inputs: one must be named", () => {
    expect(() => jacobian(two)).toThrow(ArgumentError);
    expect(() => jacobian(two)).toThrow(/wrt must name.*allowed: a, b/);
  });

  test("integers have no derivative", () => {
    expect(() => jacobian(two, { wrt: "n" })).toThrow(/wrt names nothing/);
  });

  test("an unknown mode", () => {
    expect(() => jacobian(two, { wrt: "a", mode: JSON.parse('"sideways"') })).toThrow(
      AttributeError,
    );
  });

  test("second derivatives need one element", () => {
    expect(() => hessian(two, { wrt: "a" })).toThrow(ShapeError);
    expect(() => hvp(two, { wrt: "a" })).toThrow(/hvp: output y has not one element/);
  });
});
