import { ArgumentError, AttributeError, ShapeError, type Value } from "@adjoint/graph";
import { fronts } from "../src/index.js";
import {
  evaluate,
  evaluateAll,
  expectDerivatives,
  expectError,
  type Given,
  given,
  irregular,
  near,
  type Program,
  type Results,
} from "./support.js";

/** As JavaScript calls it: arrays, then the options. */
function layers(options: object): Program<Results> {
  return (...ins) => {
    const results: Value | readonly Value[] = Reflect.apply(fronts.RNN, undefined, [
      ...ins,
      options,
    ]);
    return results;
  };
}

/** `scale * wave(0), scale * wave(1), ...` */
function waves(wave: (at: number) => number, shape: readonly number[], scale = 1): Given {
  const count = shape.reduce((product, length) => product * length, 1);
  return given(
    Array.from({ length: count }, (_, at) => scale * wave(at)),
    shape,
  );
}

function equal(value: number, shape: readonly number[]): Given {
  return waves(() => value, shape);
}

/** Three steps of two sequences of two inputs, for an lstm with three elements in h and c. */
const data = waves(Math.sin, [3, 2, 2]);
const [h, c] = [equal(0.3, [1, 2, 3]), equal(0.2, [1, 2, 3])];
const lstmWeights = waves(Math.cos, [4 * 3 * (2 + 3 + 2)], 0.5);
const lstm = { mode: "lstm", stateSize: 3, stateOutputs: true } as const;

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** c of a plain lstm after each of its steps, for one sequence with H = 1. */
function cells(weights: readonly number[], xs: readonly number[], cut: (c: number) => number) {
  const [wi = 0, wf = 0, wg = 0, wo = 0, ui = 0, uf = 0, ug = 0, uo = 0] = weights;
  let [state, cell] = [0, 0];
  return xs.map((x) => {
    const gate = (w: number, u: number) => w * x + u * state;
    cell = cut(sigmoid(gate(wf, uf)) * cell + sigmoid(gate(wi, ui)) * Math.tanh(gate(wg, ug)));
    state = sigmoid(gate(wo, uo)) * Math.tanh(cell);
    return cell;
  });
}

const modes = ["rnn_relu", "rnn_tanh", "lstm", "gru"] as const;

test.each(modes)("RNN %s, two layers in both directions: first derivatives", (mode) => {
  const gates = { rnn_relu: 1, rnn_tanh: 1, lstm: 4, gru: 3 }[mode];
  const parameters = 2 * gates * (1 + 1 + 2) + 2 * gates * (2 + 1 + 2);
  const options = { mode, stateSize: 1, numLayers: 2, bidirectional: true, stateOutputs: true };
  const states = [irregular([4, 1, 1], 3), ...(mode === "lstm" ? [irregular([4, 1, 1], 4)] : [])];
  expectDerivatives(
    (x, p, h, c) =>
      mode === "lstm" ? fronts.RNN(x, p, h, c, options) : fronts.RNN(x, p, h, options),
    [irregular([2, 1, 1], 1), irregular([parameters], 2), ...states],
    { order: 1 },
  );
});

describe("values", () => {
  test("an lstm with all weights 0.1 is MXNet's", () => {
    const zeros = given([0, 0, 0], [1, 1, 3]);
    const options = { mode: "lstm", stateSize: 3, stateOutputs: true } as const;
    const program: Program<Results> = (x, w, h, c) => fronts.RNN(x, w, h, c, options);
    const weights = given(
      [...new Array<number>(96).fill(0.1), ...new Array<number>(24).fill(0)],
      [12 * 5 + 12 * 3 + 24],
    );
    const [y, h, c] = evaluateAll(
      program,
      given([1, 1, 1, 1, 1], [1, 1, 5]),
      weights,
      zeros,
      zeros,
    );
    expect([y?.data[0], h?.data[0], c?.data[0]]).toEqual([
      expect.closeTo(0.17426974, 6),
      expect.closeTo(0.17426974, 6),
      expect.closeTo(0.28764915, 6),
    ]);
  });

  test("parameters, states and modes that do not fit are refused", () => {
    const [x, h] = [irregular([2, 1, 1]), irregular([1, 1, 1])];
    // As JavaScript calls it: the types refuse some of these options already.
    const run = (parameters: number, options: object) => () =>
      evaluate(
        (v, p, s) => {
          const results: Value | readonly Value[] = Reflect.apply(fronts.RNN, undefined, [
            v,
            p,
            s,
            options,
          ]);
          return results;
        },
        x,
        irregular([parameters]),
        h,
      );
    expect(run(5, { mode: "rnn_tanh", stateSize: 1 })).toThrow("(5,) (allowed: (4,))");
    expect(run(16, { mode: "lstm", stateSize: 1 })).toThrow("stateCell is missing");
    expect(run(4, { stateSize: 1 })).toThrow(AttributeError);
    expect(run(4, { mode: "rnn_tanh", stateSize: 1, p: 0.5 })).toThrow(AttributeError);
    expect(run(8, { mode: "rnn_tanh", stateSize: 2 })).toThrow(ShapeError);
  });
});

describe("bounds of an lstm's c", () => {
  const xs = [3, 2, -1];
  const weights = [1, 2, 1.5, 0.5, 0.3, -0.2, 0.4, 0.1];
  const parameters = given([...weights, ...new Array<number>(8).fill(0)], [16]);
  const zero = given([0], [1, 1, 1]);
  const lastCell = (options: object) => {
    const all = { mode: "lstm", stateSize: 1, stateOutputs: true, ...options };
    const [, , cell] = evaluateAll(layers(all), given(xs, [3, 1, 1]), parameters, zero, zero);
    return cell?.data[0];
  };

  test("hold after every step", () => {
    const cut = (value: number) => Math.min(Math.max(value, -0.5), 0.7);
    const expected = cells(weights, xs, cut).at(-1);
    expect(lastCell({ lstmStateClipMin: -0.5, lstmStateClipMax: 0.7 })).toBeCloseTo(expected ?? 0);
    expect(lastCell({})).toBeCloseTo(cells(weights, xs, (value) => value).at(-1) ?? 0);
    expect(expected).not.toBeCloseTo(cells(weights, xs, (value) => value).at(-1) ?? 0);
  });

  test("take NaN in where lstmStateClipNan says so", () => {
    const bounds = { lstmStateClipMin: -0.5, lstmStateClipMax: 0.7 };
    const cellOf = (options: object) =>
      evaluateAll(
        layers({ mode: "lstm", stateSize: 1, stateOutputs: true, ...options }),
        given([Number.NaN], [1, 1, 1]),
        parameters,
        zero,
        zero,
      )[2]?.data;
    expect(cellOf(bounds)).toEqual([Number.NaN]);
    expect(cellOf({ ...bounds, lstmStateClipNan: true })).toEqual([-0.5]);
    expect(cellOf({ lstmStateClipNan: true })).toEqual([Number.NaN]);
  });

  test("are two finite numbers in order, for an lstm", () => {
    const run = (options: object) => () =>
      evaluateAll(layers({ ...lstm, ...options }), data, lstmWeights, h, c);
    expectError(run({ lstmStateClipMin: -1 }), AttributeError, "lstmStateClipMax is not valid");
    expectError(
      run({ lstmStateClipMin: 1, lstmStateClipMax: -1 }),
      AttributeError,
      "bounds of the state are not in order: lstmStateClipMin 1, lstmStateClipMax -1",
    );
    const gru = { mode: "gru", stateSize: 3, lstmStateClipMin: -1, lstmStateClipMax: 1 };
    expectError(
      () => evaluateAll(layers(gru), data, waves(Math.cos, [63]), h),
      AttributeError,
      "lstmStateClip is for lstm only: gru",
    );
  });
});

describe("a projection of an lstm's h", () => {
  const projected = { ...lstm, projectionSize: 2 };

  test("has MXNet's numbers", () => {
    const parameters = waves(Math.cos, [4 * 3 * (2 + 2 + 2) + 2 * 3], 0.5);
    const results = evaluateAll(layers(projected), data, parameters, equal(0.3, [1, 2, 2]), c);
    expect(results.map(({ shape }) => shape)).toEqual([
      [3, 2, 2],
      [1, 2, 2],
      [1, 2, 3],
    ]);
    expect(results[1]?.data).toEqual([0.06409, -0.08766, 0.16519, -0.17777].map((v) => near(v, 4)));
    expect(results[2]?.data.slice(0, 3)).toEqual(
      [-0.30428, -0.26847, 0.10283].map((v) => near(v, 4)),
    );
  });

  test("has MXNet's numbers in two layers and both directions", () => {
    const first = 4 * 3 * (2 + 2 + 2) + 2 * 3;
    const second = 4 * 3 * (4 + 2 + 2) + 2 * 3;
    const [y] = evaluateAll(
      layers({ ...projected, numLayers: 2, bidirectional: true }),
      data,
      waves(Math.cos, [2 * (first + second)], 0.5),
      equal(0.3, [4, 2, 2]),
      equal(0.2, [4, 2, 3]),
    );
    expect(y?.shape).toEqual([3, 2, 4]);
    expect(y?.data.slice(0, 4)).toEqual(
      [0.08846, -0.0852, -0.07592, 0.10648].map((v) => near(v, 4)),
    );
  });

  test("has derivatives, which MXNet's CPU build lacks", () => {
    const options = { ...lstm, stateSize: 2, projectionSize: 1 };
    expectDerivatives(
      layers(options),
      [
        irregular([2, 1, 1], 1),
        irregular([8 * (1 + 1 + 2) + 2], 2),
        irregular([1, 1, 1], 3),
        irregular([1, 1, 2], 4),
      ],
      { order: 1 },
    );
  });

  test("is refused for other cells, and checked", () => {
    const run = (options: object) => () => evaluateAll(layers(options), data, lstmWeights, h);
    expectError(
      run({ mode: "gru", stateSize: 3, projectionSize: 2 }),
      AttributeError,
      "projectionSize is for lstm only: gru",
    );
    expectError(
      run({ mode: "lstm", stateSize: 3, projectionSize: 0 }),
      AttributeError,
      "projectionSize is not valid: 0",
    );
  });
});

describe("lengths of the sequences", () => {
  const lengths = given([2, 3], [2], "int32");
  const of = { lstm: 4, gru: 3, rnn_tanh: 1 } as const;

  /** The results for one of both sequences alone, cut to its length. */
  function alone(mode: keyof typeof of, sequence: number, length: number, bidirectional: boolean) {
    const passes = bidirectional ? 2 : 1;
    const rows = data.data.length / 6;
    const values = Array.from({ length: length * rows }, (_, at) => {
      const [step, input] = [Math.floor(at / rows), at % rows];
      return data.data[(step * 2 + sequence) * rows + input] ?? Number.NaN;
    });
    const states = equal(0.3, [passes, 1, 3]);
    return evaluateAll(
      layers({ mode, stateSize: 3, stateOutputs: true, bidirectional }),
      given(values, [length, 1, 2]),
      waves(Math.cos, [passes * of[mode] * 3 * (2 + 3 + 2)], 0.5),
      ...(mode === "lstm" ? [states, states] : [states]),
    );
  }

  const cases = Object.keys(of).flatMap((mode) => [[mode, false] as const, [mode, true] as const]);
  test.each(cases)("%s, in both directions: %s, as each sequence alone", (name, bidirectional) => {
    const mode = name === "lstm" || name === "gru" ? name : "rnn_tanh";
    const width = bidirectional ? 6 : 3;
    const passes = bidirectional ? 2 : 1;
    const states = equal(0.3, [passes, 2, 3]);
    const [y, last, cell] = evaluateAll(
      layers({ mode, stateSize: 3, stateOutputs: true, bidirectional, useSequenceLength: true }),
      data,
      waves(Math.cos, [passes * of[mode] * 3 * (2 + 3 + 2)], 0.5),
      ...(mode === "lstm" ? [states, states, lengths] : [states, lengths]),
    );
    [2, 3].forEach((length, sequence) => {
      const [shortY, shortLast, shortCell] = alone(mode, sequence, length, bidirectional);
      const rowsOf = ({ data: values }: Given, size: number) =>
        Array.from({ length: values.length / size / 2 }, (_, row) =>
          values.slice((2 * row + sequence) * size, (2 * row + sequence + 1) * size),
        ).flat();
      const zeros = new Array<number>((3 - length) * width).fill(0);
      const close = (values: readonly number[] = []) => values.map((value) => near(value));
      expect(y && rowsOf(y, width)).toEqual([...close(shortY?.data), ...zeros]);
      expect(last && rowsOf(last, 3)).toEqual(close(shortLast?.data));
      if (mode === "lstm") expect(cell && rowsOf(cell, 3)).toEqual(close(shortCell?.data));
    });
  });

  test("keep out what stands behind them, and a length of 0 keeps the state", () => {
    const broken = given(
      data.data.map((value, at) => (at >= 8 && at < 10 ? Number.NaN : value)),
      data.shape,
    );
    const run = (x: Given, counts: readonly number[]) =>
      evaluateAll(
        layers({ ...lstm, useSequenceLength: true }),
        x,
        lstmWeights,
        h,
        c,
        given(counts, [2]),
      );
    expect(run(broken, [2, 3])).toEqual(run(data, [2, 3]));
    const [y, last, cell] = run(data, [0, 3]);
    expect([y?.data.slice(0, 3), last?.data.slice(0, 3), cell?.data.slice(0, 3)]).toEqual([
      [0, 0, 0],
      h.data.slice(0, 3),
      c.data.slice(0, 3),
    ]);
    expect(run(data, [3, 9])).toEqual(evaluateAll(layers(lstm), data, lstmWeights, h, c));
  });

  test("have derivatives", () => {
    const options = { mode: "gru", stateSize: 1, useSequenceLength: true, bidirectional: true };
    expectDerivatives(
      layers(options),
      [irregular([3, 2, 1], 1), irregular([24], 2), irregular([2, 2, 1], 3), given([1, 3], [2])],
      { order: 1, constant: [3] },
    );
  });

  test("are needed where they are asked for, fit the batch, and stand alone", () => {
    const asked = { ...lstm, useSequenceLength: true };
    const run =
      (options: object, ...ins: Given[]) =>
      () =>
        evaluateAll(layers(options), data, lstmWeights, h, c, ...ins);
    expectError(run(asked), ArgumentError, "sequenceLength is missing: 4 arrays");
    expectError(
      run(lstm, lengths),
      ArgumentError,
      "too many arrays: 5 arrays (allowed: data, parameters, state, stateCell)",
    );
    expectError(run(asked, given([1], [1])), ShapeError, "sequenceLength does not fit");
  });

  test("may stand behind a null in place of c", () => {
    const [gates, options] = [
      waves(Math.cos, [21], 0.5),
      { mode: "rnn_tanh", stateSize: 3, useSequenceLength: true },
    ] as const;
    const withNull: Program = (x, w, s, n) => fronts.RNN(x, w, s, null, n, options);
    expect(evaluate(withNull, data, gates, h, lengths)).toEqual(
      evaluate((x, w, s, n) => fronts.RNN(x, w, s, n, options), data, gates, h, lengths),
    );
  });
});
