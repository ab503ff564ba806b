import type { Program, ProgramContext, Recorded } from "@adjoint/explorer";
import { describeProgram } from "@adjoint/explorer";
import { autograd, type NDArray, nd } from "@adjoint/nd";
import { registry } from "@adjoint/ops";

/** A variable with a name, as a parameter of a function has one. */
export function variable(name: string, values: Parameters<typeof nd.array>[0]): NDArray {
  const array = nd.array(values);
  array.label = name;
  return array.attachGrad();
}

export function recorded(body: () => NDArray | readonly NDArray[]): Recorded {
  return autograd.recordingOf(autograd.record(body));
}

export function programOf(
  body: () => NDArray | readonly NDArray[],
  context: Partial<ProgramContext> = {},
): Program {
  return describeProgram(recorded(body), { registry, sources: {}, ...context });
}

/** Two layers in scopes of their own. */
export function network(): Program {
  const x = variable("x", [[1, -2, 0.5]]);
  const [w1, w2] = [variable("w1", [[1], [2], [3]]), variable("w2", [[0.5, -1]])];
  return programOf(() =>
    nd.nameScope("mlp", () => {
      const hidden = nd.nameScope("dense1", () => nd.dot(x, w1).tanh());
      return nd.nameScope("dense2", () => nd.dot(hidden, w2).mul(hidden).softmax().log().mean());
    }),
  );
}
