import type { Operand } from "@adjoint/graph";
import { fronts } from "@adjoint/ops";

type Options<F> = F extends (x: never, options?: infer O) => unknown ? O : never;

/** Operators as methods: `x.mul(2).sum()` is `nd.sum(nd.multiply(x, 2))`. */
export abstract class FluentArray<Self extends Operand<Self>> implements Operand<Self> {
  abstract readonly emitter: Operand<Self>["emitter"];
  abstract readonly type: Operand<Self>["type"];

  protected abstract self(): Self;

  /** The axes in reverse order. */
  get T(): Self {
    return fronts.transpose(this.self());
  }

  add(other: Self | number): Self {
    return fronts.add(this.self(), other);
  }

  sub(other: Self | number): Self {
    return fronts.subtract(this.self(), other);
  }

  mul(other: Self | number): Self {
    return fronts.multiply(this.self(), other);
  }

  div(other: Self | number): Self {
    return fronts.divide(this.self(), other);
  }

  sum(options?: Options<typeof fronts.sum>): Self {
    return fronts.sum(this.self(), options);
  }
}
