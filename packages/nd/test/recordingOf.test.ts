import { inspect } from "node:util";
import { toText, undo } from "@adjoint/graph";
import { registry } from "@adjoint/ops";
import { observedValues, observeGradient, toNumbers } from "@adjoint/runtime";
import { autograd, type NDArray, nd } from "../src/index.js";

/** The gradients of a run of the graphs behind an array, one list of numbers each. */
function rerun(y: NDArray): number[][] {
  const { forward, backward, inputs, hosts } = autograd.recordingOf(y);
  const run = observeGradient({ forward, backward }, inputs, registry, { hosts }).backward;
  if (run === undefined) throw new Error("the run stopped");
  const values = observedValues(run);
  return backward.outputs.map(({ ref }) => {
    const value = values.get(ref);
    return value === undefined ? [] : toNumbers(value);
  });
}

describe("autograd.recordingOf", () => {
  test("gives what is needed to run program and gradient again", () => {
    const x = nd.array([1, 2, 3]).attachGrad();
    const scale = nd.array([4]);
    const y = autograd.record(() => nd.tanh(x.mul(scale)).sum());
    const again = rerun(y);
    y.backward();
    expect(again).toEqual([[...(x.grad?.asArray() ?? [])].map(Number)]);
  });

  test("gives numbers from before a later write", () => {
    const x = nd.array([3]).attachGrad();
    const y = autograd.record(() => x.mul(x));
    x.assign(nd.array([100]));
    expect(rerun(y)).toEqual([[6]]);
  });

  test("gives the backward of custom functions", () => {
    class Tripled extends autograd.Function {
      forward(x: NDArray) {
        return x.mul(1);
      }
      backward(head: NDArray) {
        return head.mul(3);
      }
    }
    const x = nd.array([1, 2]).attachGrad();
    expect(rerun(autograd.record(() => new Tripled().call(x)))).toEqual([[3, 3]]);
  });

  test("gives the history of the gradient's passes", () => {
    const x = nd.array([1, 2]).attachGrad();
    const { backward, history, program, forward } = autograd.recordingOf(
      autograd.record(() => nd.dot(x, x).mul(2)),
    );
    expect(history.map(({ pass }) => pass)).toContain("algebraicSimplification");
    expect(undo(backward, history).order.length).toBeGreaterThan(backward.order.length);
    expect(program.outputs.length).toBeLessThan(forward.outputs.length);
  });

  test("refuses what backward has used up, and what was not recorded", () => {
    const x = nd.array([1, 2]).attachGrad();
    const y = autograd.record(() => x.mul(x));
    y.backward();
    expect(() => autograd.recordingOf(y)).toThrow(/released by an earlier backward/);
    expect(() => autograd.recordingOf(nd.ones([1]))).toThrow(/not the result of a recorded/);
  });
});

test("the graphs of recorded arrays show as text in a console", () => {
  const x = nd.array([1, 2]).attachGrad();
  const { forward, backward } = autograd.graphOf(autograd.record(() => x.mul(x)));
  expect(inspect(forward)).toBe(toText(forward));
  expect(inspect(backward)).toBe(toText(backward));
  expect(`${forward}`).toBe("graph program (1 node)");
});
