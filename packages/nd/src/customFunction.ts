import { ArgumentError, formatType, GradientError, ShapeError, equalTypes } from "@adjoint/graph";
import { copyTensor } from "@adjoint/runtime";
import { apply, customFunctionOp, describe } from "@adjoint/ops";
import { NDArray } from "./array/ndarray.js";
import { ModeScope, runIn } from "./modes.js";
import type { CustomBackward } from "./recording/trace.js";
import { session } from "./session.js";

/**
 * A function with a gradient of its own. Subclasses give `forward` and `backward`; one instance serves one call.
 *
 * @example
 * ```ts
 * class Sigmoid extends autograd.Function {
 *   forward(x: NDArray) {
 *     const y = nd.sigmoid(x);
 *     this.saveForBackward(y);
 *     return y;
 *   }
 *   backward(head: NDArray) {
 *     const [y] = this.savedTensors;
 *     return head.mul(y).mul(nd.subtract(1, y));
 *   }
 * }
 * const y = autograd.record(() => new Sigmoid().call(x));
 * ```
 */
export abstract class CustomFunction {
  private saved: readonly NDArray[] = [];
  /** What saved arrays stand for while `backward` itself is recorded: inputs and results, in place of their values. */
  private readonly recorded = new Map<NDArray, NDArray>();
  /** The random state in which `forward` ran, for when it has to run again. */
  private stateBefore = session.randomState;
  private used = false;

  /** Computes the results; not recorded. */
  abstract forward(...inputs: NDArray[]): NDArray | readonly NDArray[];

  /** From one head gradient per result to one gradient per input. */
  abstract backward(...heads: NDArray[]): NDArray | readonly NDArray[];

  /**
   * Keeps arrays for `backward`. Where the gradient is differentiated again, inputs and results are taken as they were
   * recorded; for other arrays `forward` runs once more, recorded, with the same random numbers.
   */
  saveForBackward(...arrays: NDArray[]): void {
    this.saved = arrays;
  }

  get savedTensors(): readonly NDArray[] {
    return this.saved;
  }

  /**
   * Applies the function. One result if `forward` gives one array, else a list.
   *
   * @throws ArgumentError if called twice, or with something else than arrays
   */
  call(...inputs: NDArray[]): NDArray;
  call(...inputs: NDArray[]): NDArray | readonly NDArray[] {
    const name = this.constructor.name;
    this.checkCall(name, inputs);
    const training = session.recorder.training;
    const scope = new ModeScope(session.recorder, { recording: false, training });
    this.stateBefore = session.randomState;
    const result = runIn(name, scope, () => this.forward(...inputs));
    const values = listOf(name, "forward", result);
    if (!session.recorder.recording) return result;
    const results = this.record(name, inputs, values);
    const [first] = results;
    return result instanceof NDArray && first !== undefined ? first : results;
  }

  private checkCall(name: string, inputs: readonly NDArray[]): void {
    if (this.used) {
      throw new ArgumentError({
        op: name,
        problem: "function instance was called before",
        allowed: "one call; create another instance",
      });
    }
    this.used = true;
    inputs.forEach((input, position) => {
      if (input instanceof NDArray) return;
      throw new ArgumentError({
        op: name,
        problem: `argument ${position + 1} is not an array`,
        received: describe(input),
        allowed: "NDArray",
      });
    });
    if (inputs.length === 0) throw new ArgumentError({ op: name, problem: "no arguments" });
  }

  private record(
    name: string,
    inputs: readonly NDArray[],
    values: readonly NDArray[],
  ): readonly NDArray[] {
    const key = session.keepCustom(this.backwardOf(name, inputs));
    const [first, ...rest] = [...inputs, ...values.map((value) => value.detach())];
    if (first === undefined) throw new Error("custom function without arguments");
    const results = apply(customFunctionOp, [first, ...rest], { key, name, inputs: inputs.length });
    for (const input of inputs) this.recorded.set(input, input);
    values.forEach((value, position) => {
      const result = results[position];
      if (result !== undefined) this.recorded.set(value, result);
    });
    return results;
  }

  private backwardOf(name: string, inputs: readonly NDArray[]): CustomBackward {
    const gradientsOf = (heads: readonly NDArray[]): readonly NDArray[] => {
      const gradients = listOf(name, "backward", this.backward(...heads));
      checkGradients(name, inputs, gradients);
      return gradients;
    };
    return {
      onPlain: gradientsOf,
      onTensors: (heads) =>
        gradientsOf(heads.map((head) => session.fromTensor(copyTensor(head)))).map((gradient) =>
          gradient.tensor(),
        ),
      onArrays: (heads) => {
        const values = this.saved;
        this.saved = this.differentiable(name, values, inputs);
        try {
          return gradientsOf(heads);
        } finally {
          this.saved = values;
        }
      },
    };
  }

  /** Saved arrays as values of the recorded program; otherwise their share in the derivative would be lost. */
  private differentiable(
    name: string,
    values: readonly NDArray[],
    inputs: readonly NDArray[],
  ): readonly NDArray[] {
    if (values.every((value) => this.recorded.has(value))) {
      return values.map((value) => this.recorded.get(value) ?? value);
    }
    const again = this.savedAgain(inputs);
    return values.map((value, position) => {
      const found = this.recorded.get(value) ?? again[position];
      if (found !== undefined && equalTypes(found.type, value.type)) return found;
      throw new GradientError({
        op: name,
        problem: "forward, run again for the second derivative, saved other arrays than before",
        received: again.map(({ type }) => formatType(type)).join(", "),
        allowed: values.map(({ type }) => formatType(type)).join(", "),
      });
    });
  }

  /** What `forward` saves when it is recorded, on the same inputs and random numbers. */
  private savedAgain(inputs: readonly NDArray[]): readonly NDArray[] {
    const state = session.randomState;
    session.randomState = this.stateBefore;
    try {
      this.forward(...inputs);
      return this.saved;
    } finally {
      session.randomState = state;
    }
  }
}

function listOf(
  name: string,
  method: string,
  result: NDArray | readonly NDArray[],
): readonly NDArray[] {
  const list: readonly unknown[] = Array.isArray(result) ? result : [result];
  const arrays = list.filter((one): one is NDArray => one instanceof NDArray);
  if (arrays.length === list.length && list.length > 0) return arrays;
  throw new ArgumentError({
    op: name,
    problem: `${method} returned something else than arrays`,
    received: describe(list.find((one) => !(one instanceof NDArray))),
    allowed: "an NDArray or a list of NDArrays",
  });
}

function checkGradients(
  name: string,
  inputs: readonly NDArray[],
  gradients: readonly NDArray[],
): void {
  if (gradients.length !== inputs.length) {
    throw new GradientError({
      op: name,
      problem: "backward returned the wrong number of gradients",
      received: String(gradients.length),
      allowed: `${inputs.length}, one per input`,
    });
  }
  gradients.forEach((gradient, position) => {
    const input = inputs[position];
    if (input === undefined || equalTypes(gradient.type, input.type)) return;
    throw new ShapeError({
      op: name,
      problem: `backward's gradient ${position + 1} does not fit its input`,
      received: formatType(gradient.type),
      allowed: formatType(input.type),
    });
  });
}
