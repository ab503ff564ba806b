import { jest } from "@jest/globals";
import { autograd, NDArray, nd } from "../src/index.js";
import { session } from "../src/session.js";

afterEach(() => {
  jest.restoreAllMocks();
});

test("steps on a known path make an array each, and no lists of operands and results", () => {
  const [x, w] = [nd.ones([2, 2]).attachGrad(), nd.ones([2, 2]).attachGrad()];
  const program = () =>
    autograd.record(() => {
      const h = nd.dot(x, w).add(x).mul(2).tanh().T;
      return h.sub(w).exp().sum().neg();
    });
  program().backward();
  const lists = jest.spyOn(session.recorder, "call");
  const made = jest.spyOn(NDArray, "recorded");
  const loss = program();
  // Nine operators, the number 2 as an operand, and the shape (1,) of the sum.
  expect([made.mock.calls.length, lists.mock.calls.length]).toEqual([11, 0]);
  loss.backward();
  expect(autograd.counts().traces).toBe(1);
});
