import { Builder, type DType, isFloat, lower, runPasses, type Shape, sizeOf } from "@adjoint/graph";
import { normalSample, registry } from "@adjoint/ops";
import {
  createTensor,
  execute,
  initialRandomState,
  type Tensor,
  toNumbers,
} from "@adjoint/runtime";
import type { ShapeArgument } from "./argumentSpec.js";

/**
 * Default numbers of arguments, the same in each run: floats are drawn from the standard normal distribution, one
 * argument after the other, as `nd.random.normal` does after `nd.random.seed(0)`; integers are ones.
 */
export class ArgumentValues {
  private state: Tensor = initialRandomState(0);

  next({ dtype, shape, fill }: Omit<ShapeArgument, "kind">): Tensor {
    const size = sizeOf(shape);
    if (fill === undefined && isFloat(dtype) && size > 0) {
      return createTensor(
        { dtype, shape },
        this.draw(dtype === "float64" ? dtype : "float32", shape),
      );
    }
    return createTensor({ dtype, shape }, new Array<number>(size).fill(fill ?? 1));
  }

  private draw(dtype: DType, shape: Shape): number[] {
    const builder = new Builder("arguments");
    const state = builder.input("state", this.state.type);
    const [sample, next] = normalSample(state, { mean: 0, deviation: 1, shape, dtype });
    builder.output("sample", sample);
    builder.output("next", next);
    const { graph } = runPasses(builder.finish(), [lower], { registry });
    const [numbers, after] = execute(graph, [this.state], registry);
    if (numbers === undefined || after === undefined) throw new Error("arguments: no sample");
    this.state = after;
    return toNumbers(numbers);
  }
}
