import { ArgumentError, AttributeError } from "@adjoint/graph";
import { autograd, nd } from "../src/index.js";

const modes = (): readonly [boolean, boolean] => [autograd.isRecording(), autograd.isTraining()];

type Scope = (body: () => void) => void;

const scopes: { readonly [name: string]: Scope } = {
  record: (body) => autograd.record(body),
  "record(predict)": (body) => autograd.record(body, { trainMode: false }),
  pause: (body) => autograd.pause(body),
  "pause(train)": (body) => autograd.pause(body, { trainMode: true }),
  trainMode: (body) => autograd.trainMode(body),
  predictMode: (body) => autograd.predictMode(body),
};

/** The modes seen inside nested scopes. */
function within(names: readonly string[]): readonly [boolean, boolean] {
  const [name, ...rest] = names;
  if (name === undefined) return modes();
  let seen = modes();
  scopes[name]?.(() => {
    seen = within(rest);
  });
  return seen;
}

const table: readonly (readonly [nesting: string, recording: boolean, training: boolean])[] = [
  ["", false, false],
  ["record", true, true],
  ["record(predict)", true, false],
  ["pause", false, false],
  ["pause(train)", false, true],
  ["trainMode", false, true],
  ["predictMode", false, false],
  ["record > predictMode", true, false],
  ["record > predictMode > record", true, true],
  ["record > pause > record", true, true],
  ["record > pause > trainMode", false, true],
  ["trainMode > pause", false, false],
];

describe("modes", () => {
  test.each(table)("%s: recording %p, training %p", (nesting, recording, training) => {
    const names = nesting === "" ? [] : nesting.split(" > ");
    expect(within(names)).toEqual([recording, training]);
    expect(modes()).toEqual([false, false]);
  });

  test.each(Object.entries(scopes))("%s restores the modes when its body throws", (_, scope) => {
    const fail = () => {
      throw new Error("body");
    };
    expect(() => scope(fail)).toThrow("body");
    expect(modes()).toEqual([false, false]);
    autograd.record(() => {
      expect(() => scope(fail)).toThrow("body");
      expect(modes()).toEqual([true, true]);
    });
  });

  test("setRecording and setTraining give the mode from before", () => {
    expect(autograd.setRecording(true)).toBe(false);
    expect(autograd.setTraining(true)).toBe(false);
    expect(modes()).toEqual([true, true]);
    expect(autograd.setRecording(false)).toBe(true);
    expect(autograd.setTraining(false)).toBe(true);
    expect(modes()).toEqual([false, false]);
  });

  test("setRecording records as a scope does", () => {
    const x = nd.array([3]).attachGrad();
    autograd.setRecording(true);
    const y = x.mul(x);
    autograd.setRecording(false);
    y.backward();
    expect(x.grad?.toFlat()).toEqual([6]);
  });
});

describe("scopes", () => {
  test("a callback's result is given back", () => {
    expect(autograd.record(() => 5)).toBe(5);
    expect(autograd.pause(() => "a")).toBe("a");
    expect(autograd.trainMode(() => null)).toBeNull();
    expect(autograd.predictMode(() => undefined)).toBeUndefined();
  });

  test("`using` ends the scope with its block", () => {
    const x = nd.array([3]).attachGrad();
    let y = x;
    {
      using scope = autograd.record();
      expect(scope).toBeDefined();
      expect(modes()).toEqual([true, true]);
      y = x.mul(x);
    }
    expect(modes()).toEqual([false, false]);
    y.backward();
    expect(x.grad?.toFlat()).toEqual([6]);
  });

  test("`using` with options, and nested", () => {
    using outer = autograd.record({ trainMode: false });
    expect(modes()).toEqual([true, false]);
    {
      using inner = autograd.pause({ trainMode: true });
      expect(modes()).toEqual([false, true]);
      inner.end();
      expect(modes()).toEqual([true, false]);
    }
    outer.end();
    expect(modes()).toEqual([false, false]);
  });

  test("`end` twice changes nothing more", () => {
    const scope = autograd.record();
    scope.end();
    autograd.trainMode(() => {
      scope.end();
      expect(modes()).toEqual([false, true]);
    });
  });

  test.each(Object.entries(scopes))("%s refuses a callback that gives a promise", (_, scope) => {
    expect(() => scope(async () => {})).toThrow(ArgumentError);
    expect(modes()).toEqual([false, false]);
  });

  test("an unknown option is refused, and no scope begins", () => {
    const options = JSON.parse('{"trainMod": true}');
    expect(() => autograd.record(() => 1, options)).toThrow(AttributeError);
    expect(modes()).toEqual([false, false]);
  });
});
