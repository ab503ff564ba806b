import { fileURLToPath } from "node:url";
import { compile, type NDArray, nd } from "@adjoint/nd";
import { Runtime } from "@adjoint/runtime";
import { session } from "../packages/nd/src/session.js";
import { isPrinting, type ProgramCase } from "./goldenCases.js";
import {
  type Environment,
  inputsOf,
  isSupported,
  recordCase,
  reverseCase,
} from "./goldenRunner.js";
import { loadCases } from "./loadCases.js";

const folder = fileURLToPath(new URL("golden", import.meta.url));
/** Categories of which every case is run; of the others, each fourth one. */
const complete = ["grad_req", "multi_head", "second_order"];
const cases = loadCases(folder)
  .filter((one): one is ProgramCase => !isPrinting(one) && isSupported(one))
  .filter(({ category }, at) => complete.includes(category) || at % 4 === 0);

// Generated code differs from the interpreter in the last bits, and is used once programs are hot.
Object.assign(session, { runtime: new Runtime({ mode: "interpreted" }) });

type Body = () => readonly Readonly<Record<string, NDArray>>[];

/** Records and differentiates a case on `inputs`; gives what it made. */
function bodyOf(one: ProgramCase, inputs: Environment): Body {
  return () => {
    const arrays: Environment = new Map(inputs);
    const firstGrads: Environment = new Map();
    recordCase(one, arrays, firstGrads);
    reverseCase(one, arrays);
    const made = [...arrays].filter(([name]) => !inputs.has(name));
    return [Object.fromEntries(made), Object.fromEntries(firstGrads)];
  };
}

function contentsOf(array: NDArray): unknown {
  const gradient = array.grad === null ? null : array.grad.asArray();
  return { dtype: array.dtype, shape: array.shape, data: array.asArray(), gradient };
}

/** Results and inputs after each of two calls. */
function contentsAfter(one: ProgramCase, wrap: (body: Body) => Body): unknown {
  nd.random.seed(0);
  const inputs = inputsOf(one);
  const body = wrap(bodyOf(one, inputs));
  return [1, 2].map(() => {
    const made = body().map((arrays) => Object.values(arrays).map(contentsOf));
    return [made, [...inputs.values()].map(contentsOf)];
  });
}

test.each([...new Set(cases.map(({ category }) => category))])(
  "%s: a compiled program gives the same bits as a recorded one, traced once",
  (category) => {
    for (const one of cases.filter((other) => other.category === category)) {
      const expected = contentsAfter(one, (body) => body);
      let counts: unknown;
      const found = contentsAfter(one, (body) => {
        const compiled = compile(body);
        return () => {
          const results = compiled();
          counts = compiled.counts();
          return results;
        };
      });
      expect({ id: one.id, found }).toEqual({ id: one.id, found: expected });
      expect(counts).toMatchObject({ traces: 1, replays: 1 });
    }
  },
);
