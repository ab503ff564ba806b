import type { Program } from "@adjoint/explorer";
import { autograd, type NDArray, nd } from "@adjoint/nd";
import { network, programOf, variable } from "./samples.js";

/** The place of the variable; a constant of the same name may stand beside it. */
function sourceOf({ rows, stages, current }: Program, label: string): string {
  const outputs = stages[current]?.graphs.backward.outputs.map(({ name }) => name) ?? [];
  const row = rows.find(
    ({ kind, name }) =>
      kind === "arg" && name.startsWith(label) && outputs.includes(`grad.${name}`),
  );
  return `${row?.id}.0`;
}

/** Gradients by the walk, and as `backward` writes them. */
function compare(arrays: readonly NDArray[], body: () => NDArray): void {
  const program = programOf(body);
  const { adjoints } = program.walk;
  autograd.record(body).backward();
  for (const array of arrays) {
    const { cells } = adjoints[sourceOf(program, array.label ?? "")]?.grid ?? { cells: [] };
    const wanted = [...(array.grad?.reshape([-1]).asArray() ?? [])].map(Number);
    expect(cells).toHaveLength(wanted.length);
    cells.forEach((cell, at) => {
      expect(cell).toBeCloseTo(wanted[at] ?? Number.NaN, 5);
    });
  }
}

describe("the walk of the reverse pass", () => {
  test("starts with ones and visits nodes from last to first", () => {
    const { seeds, steps } = network().walk;
    expect(seeds.map(({ value }) => value.grid.cells)).toEqual([[1]]);
    const ids = steps.map(({ row }) => row);
    expect(ids).toEqual([...ids].sort((a, b) => b - a));
    expect(ids.length).toBeGreaterThan(6);
  });

  test("adds contributions to one value up, in the order in which they are sent", () => {
    const x = variable("x", [1, 2, 3]);
    const program = programOf(() => x.mul(x).add(x.mul(5)));
    const { steps } = program.walk;
    const sent = steps.flatMap(({ contributions }) =>
      contributions.filter(({ to: [row] }) => row === 0),
    );
    expect(sent.map(({ value }) => value.grid.cells)).toEqual([
      [5, 5, 5],
      [1, 2, 3],
      [1, 2, 3],
    ]);
    expect(sent.map(({ total }) => total.grid.cells)).toEqual([
      [5, 5, 5],
      [6, 7, 8],
      [7, 9, 11],
    ]);
  });

  test("hands a node its adjoint only when that is complete", () => {
    const program = network();
    const { steps, adjoints } = program.walk;
    for (const { row, adjoints: arrived } of steps) {
      arrived.forEach((adjoint, out) => {
        expect(adjoint).toEqual(adjoints[`${row}.${out}`] ?? null);
      });
    }
  });

  test("ends with the gradients that backward writes", () => {
    const [a, b] = [
      variable("a", [
        [1, -2],
        [3, 0.5],
      ]),
      variable("b", [
        [0.3, 1],
        [-1, 2],
      ]),
    ];
    compare([a, b], () => nd.dot(a, b).tanh().mul(a).softmax().log().mean());
    compare([a], () => nd.where(a.greater(0), a.mul(3), a.exp()).sum());
    compare([a, b], () => nd.concat(a, b, { dim: 0 }).square().sum({ axis: 1 }).max());
    compare([a], () => a.detach().mul(a).sum());
  });

  test("goes through a function with a backward of its own", () => {
    const x = variable("x", [1, 2]);
    class Tripled extends autograd.Function {
      override forward(value: NDArray): NDArray {
        return value.mul(2);
      }
      override backward(head: NDArray): NDArray {
        return head.mul(3);
      }
    }
    const program = programOf(() => new Tripled().call(x).mul(10));
    const { adjoints } = program.walk;
    expect(adjoints[sourceOf(program, "x")]?.grid.cells).toEqual([30, 30]);
  });

  test("stops at operators without a derivative, and sends nothing where a rule gives nothing", () => {
    const x = variable("x", [1.5, 2.5]);
    const program = programOf(() => x.floor().mul(x).add(x.argmax().mul(0)));
    const { steps } = program.walk;
    const names = steps.map(({ row }) => program.rows.find(({ id }) => id === row)?.name);
    expect(names).not.toContain("argmax");
    expect(names).toContain("mul");
  });

  test("shows each rule as the gradient program of its node", () => {
    const x = variable("x", [1, 2]);
    const { rules, steps } = programOf(() => x.sin().mul(x)).walk;
    expect(rules).toHaveLength(2);
    expect(rules[steps[1]?.rule ?? -1]).toMatch(/cos\(%saved\.a\)[\s\S]*mul\(%head\.y/);
  });
});
