import { describeProgram, describeTrace, type Session } from "@adjoint/explorer";
import { autograd, type NDArray, nd } from "@adjoint/nd";
import { registry } from "@adjoint/ops";

function variable(name: string, array: NDArray): NDArray {
  array.label = name;
  return array.attachGrad();
}

function sessionOf(title: string, body: () => NDArray): Session {
  const result = autograd.record(body);
  const recorded = autograd.recordingOf(result);
  const trace = describeTrace(autograd.traceTree(result));
  const program = describeProgram(recorded, { registry, sources: {}, trace });
  return { title, command: `adjoint explore ${title}`, outcome: { kind: "program", program } };
}

/** Two layers in scopes of their own, softmax, and a loss. */
export function network(): Session {
  const x = variable("x", nd.arange(12).reshape([4, 3]).mul(0.1));
  const w = variable("w", nd.arange(6).reshape([3, 2]).mul(0.3).sub(0.7));
  const b = variable("b", nd.array([0.5, -0.5]));
  return sessionOf("model.ts#loss", () =>
    nd.nameScope("mlp", () => {
      const hidden = nd.nameScope("dense", () => nd.dot(x, w).add(b).tanh());
      return hidden.softmax().log().mul(-1).mul(hidden).mean();
    }),
  );
}

/** More than 5,000 nodes forward, without scopes. */
export function chain(): Session {
  const x = variable("x", nd.array([1, 2, 3]));
  return sessionOf("long.ts", () => {
    let y = x;
    for (let round = 0; round < 900; round++) y = y.mul(0.99).add(y.sin().mul(0.01));
    return y.sum();
  });
}

/** A condition on a number that is read, taken both ways. */
export function condition(): Session {
  const choose = (start: number): NDArray => {
    const y = variable("start", nd.array([start])).mul(2);
    return y.asScalar() > 4 ? y.sin() : y.cos();
  };
  autograd.record(() => choose(9));
  return sessionOf("condition.ts", () => choose(1.5));
}

/** Numbers that are none. */
export function overflow(): Session {
  const x = variable("x", nd.array([0, 1, -1]));
  return sessionOf("overflow.ts", () => x.log().mul(x));
}

export function failure(): Session {
  return {
    title: "model.ts",
    command: "adjoint explore model.ts",
    outcome: {
      kind: "failure",
      failure: {
        message: "ShapeError: dot: inner sizes differ: (2, 3) x (2, 2); model.ts:2",
        site: "model.ts:2",
        lines: ["export default function (x, y) {", "  return nd.dot(x, y);", "}"],
        detail: "ShapeError: dot\n    at model.ts:2:13",
      },
    },
  };
}
