import type { DType, Operand, Shape } from "@adjoint/graph";
import { broadcastTo, checkIntegers, fronts } from "@adjoint/ops";

type Second<F> = F extends (x: never, second?: infer S, ...rest: never) => unknown ? S : never;

/** Operators as methods: `x.mul(2).sum()` is `nd.sum(nd.multiply(x, 2))`. Their documentation is there. */
export abstract class FluentArray<Self extends Operand<Self>> implements Operand<Self> {
  abstract readonly emitter: Operand<Self>["emitter"];
  abstract readonly type: Operand<Self>["type"];

  protected abstract self(): Self;

  /** The axes in reverse order. */
  get T(): Self {
    return this.type.shape.length < 2 ? this.self() : fronts.transpose(this.self());
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

  mod(other: Self | number): Self {
    return fronts.modulo(this.self(), other);
  }

  pow(other: Self | number): Self {
    return fronts.power(this.self(), other);
  }

  maximum(other: Self | number): Self {
    return fronts.maximum(this.self(), other);
  }

  minimum(other: Self | number): Self {
    return fronts.minimum(this.self(), other);
  }

  hypot(other: Self | number): Self {
    return fronts.hypot(this.self(), other);
  }

  equal(other: Self | number): Self {
    return fronts.equal(this.self(), other);
  }

  notEqual(other: Self | number): Self {
    return fronts.notEqual(this.self(), other);
  }

  greater(other: Self | number): Self {
    return fronts.greater(this.self(), other);
  }

  greaterEqual(other: Self | number): Self {
    return fronts.greaterEqual(this.self(), other);
  }

  lesser(other: Self | number): Self {
    return fronts.lesser(this.self(), other);
  }

  lesserEqual(other: Self | number): Self {
    return fronts.lesserEqual(this.self(), other);
  }

  logicalAnd(other: Self | number): Self {
    return fronts.logicalAnd(this.self(), other);
  }

  logicalOr(other: Self | number): Self {
    return fronts.logicalOr(this.self(), other);
  }

  logicalXor(other: Self | number): Self {
    return fronts.logicalXor(this.self(), other);
  }

  neg(): Self {
    return fronts.negative(this.self());
  }

  abs(): Self {
    return fronts.abs(this.self());
  }

  sign(): Self {
    return fronts.sign(this.self());
  }

  ceil(): Self {
    return fronts.ceil(this.self());
  }

  floor(): Self {
    return fronts.floor(this.self());
  }

  round(): Self {
    return fronts.round(this.self());
  }

  rint(): Self {
    return fronts.rint(this.self());
  }

  trunc(): Self {
    return fronts.trunc(this.self());
  }

  fix(): Self {
    return fronts.fix(this.self());
  }

  square(): Self {
    return fronts.square(this.self());
  }

  sqrt(): Self {
    return fronts.sqrt(this.self());
  }

  rsqrt(): Self {
    return fronts.rsqrt(this.self());
  }

  cbrt(): Self {
    return fronts.cbrt(this.self());
  }

  rcbrt(): Self {
    return fronts.rcbrt(this.self());
  }

  reciprocal(): Self {
    return fronts.reciprocal(this.self());
  }

  exp(): Self {
    return fronts.exp(this.self());
  }

  expm1(): Self {
    return fronts.expm1(this.self());
  }

  log(): Self {
    return fronts.log(this.self());
  }

  log1p(): Self {
    return fronts.log1p(this.self());
  }

  log2(): Self {
    return fronts.log2(this.self());
  }

  log10(): Self {
    return fronts.log10(this.self());
  }

  sin(): Self {
    return fronts.sin(this.self());
  }

  cos(): Self {
    return fronts.cos(this.self());
  }

  tan(): Self {
    return fronts.tan(this.self());
  }

  arcsin(): Self {
    return fronts.arcsin(this.self());
  }

  arccos(): Self {
    return fronts.arccos(this.self());
  }

  arctan(): Self {
    return fronts.arctan(this.self());
  }

  sinh(): Self {
    return fronts.sinh(this.self());
  }

  cosh(): Self {
    return fronts.cosh(this.self());
  }

  tanh(): Self {
    return fronts.tanh(this.self());
  }

  arcsinh(): Self {
    return fronts.arcsinh(this.self());
  }

  arccosh(): Self {
    return fronts.arccosh(this.self());
  }

  arctanh(): Self {
    return fronts.arctanh(this.self());
  }

  degrees(): Self {
    return fronts.degrees(this.self());
  }

  radians(): Self {
    return fronts.radians(this.self());
  }

  erf(): Self {
    return fronts.erf(this.self());
  }

  erfinv(): Self {
    return fronts.erfinv(this.self());
  }

  gamma(): Self {
    return fronts.gamma(this.self());
  }

  gammaln(): Self {
    return fronts.gammaln(this.self());
  }

  sigmoid(): Self {
    return fronts.sigmoid(this.self());
  }

  softsign(): Self {
    return fronts.softsign(this.self());
  }

  relu(): Self {
    return fronts.relu(this.self());
  }

  logicalNot(): Self {
    return fronts.logicalNot(this.self());
  }

  onesLike(): Self {
    return fronts.onesLike(this.self());
  }

  zerosLike(): Self {
    return fronts.zerosLike(this.self());
  }

  flatten(): Self {
    return fronts.flatten(this.self());
  }

  sum(options?: Second<typeof fronts.sum>): Self {
    return fronts.sum(this.self(), options);
  }

  mean(options?: Second<typeof fronts.mean>): Self {
    return fronts.mean(this.self(), options);
  }

  prod(options?: Second<typeof fronts.prod>): Self {
    return fronts.prod(this.self(), options);
  }

  max(options?: Second<typeof fronts.max>): Self {
    return fronts.max(this.self(), options);
  }

  min(options?: Second<typeof fronts.min>): Self {
    return fronts.min(this.self(), options);
  }

  nansum(options?: Second<typeof fronts.nansum>): Self {
    return fronts.nansum(this.self(), options);
  }

  nanprod(options?: Second<typeof fronts.nanprod>): Self {
    return fronts.nanprod(this.self(), options);
  }

  norm(options?: Second<typeof fronts.norm>): Self {
    return fronts.norm(this.self(), options);
  }

  argmax(options?: Second<typeof fronts.argmax>): Self {
    return fronts.argmax(this.self(), options);
  }

  argmaxChannel(): Self {
    return fronts.argmaxChannel(this.self());
  }

  argmin(options?: Second<typeof fronts.argmin>): Self {
    return fronts.argmin(this.self(), options);
  }

  softmax(options?: Parameters<typeof fronts.softmax<Self>>[2]): Self {
    return fronts.softmax<Self>(this.self(), options);
  }

  softmin(options?: Second<typeof fronts.softmin>): Self {
    return fronts.softmin(this.self(), options);
  }

  logSoftmax(options?: Second<typeof fronts.logSoftmax>): Self {
    return fronts.logSoftmax(this.self(), options);
  }

  logSumExp(options?: Second<typeof fronts.logSumExp>): Self {
    return fronts.logSumExp(this.self(), options);
  }

  sort(options?: Second<typeof fronts.sort>): Self {
    return fronts.sort(this.self(), options);
  }

  argsort(options?: Second<typeof fronts.argsort>): Self {
    return fronts.argsort(this.self(), options);
  }

  cumsum(options?: Second<typeof fronts.cumsum>): Self {
    return fronts.cumsum(this.self(), options);
  }

  clip(options: Second<typeof fronts.clip>): Self {
    return fronts.clip(this.self(), options);
  }

  slice(options: Second<typeof fronts.slice>): Self {
    return fronts.slice(this.self(), options);
  }

  sliceAxis(options: Second<typeof fronts.sliceAxis>): Self {
    return fronts.sliceAxis(this.self(), options);
  }

  flip(options: Second<typeof fronts.flip>): Self {
    return fronts.flip(this.self(), options);
  }

  tile(options: Second<typeof fronts.tile>): Self {
    return fronts.tile(this.self(), options);
  }

  repeat(options: Second<typeof fronts.repeat>): Self {
    return fronts.repeat(this.self(), options);
  }

  expandDims(options: Second<typeof fronts.expandDims>): Self {
    return fronts.expandDims(this.self(), options);
  }

  squeeze(options?: Second<typeof fronts.squeeze>): Self {
    return fronts.squeeze(this.self(), options);
  }

  swapaxes(options: Second<typeof fronts.swapaxes>): Self {
    return fronts.swapaxes(this.self(), options);
  }

  oneHot(options: Second<typeof fronts.oneHot>): Self {
    return fronts.oneHot(this.self(), options);
  }

  diag(options?: Second<typeof fronts.diag>): Self {
    return fronts.diag(this.self(), options);
  }

  broadcastAxes(options: Second<typeof fronts.broadcastAxes>): Self {
    return fronts.broadcastAxes(this.self(), options);
  }

  broadcastLike(other: Self, options?: Parameters<typeof fronts.broadcastLike<Self>>[2]): Self {
    return fronts.broadcastLike(this.self(), other, options);
  }

  reshapeLike(other: Self, options?: Parameters<typeof fronts.reshapeLike<Self>>[2]): Self {
    return fronts.reshapeLike(this.self(), other, options);
  }

  sliceLike(other: Self, options?: Parameters<typeof fronts.sliceLike<Self>>[2]): Self {
    return fronts.sliceLike(this.self(), other, options);
  }

  depthToSpace(options: Second<typeof fronts.depthToSpace>): Self {
    return fronts.depthToSpace(this.self(), options);
  }

  spaceToDepth(options: Second<typeof fronts.spaceToDepth>): Self {
    return fronts.spaceToDepth(this.self(), options);
  }

  pad(options: Second<typeof fronts.pad>): Self {
    return fronts.pad(this.self(), options);
  }

  shapeArray(): Self {
    return fronts.shapeArray(this.self());
  }

  sizeArray(): Self {
    return fronts.sizeArray(this.self());
  }

  splitV2(options: Second<typeof fronts.splitV2>): ReturnType<typeof fronts.splitV2<Self>> {
    return fronts.splitV2(this.self(), options);
  }

  split(options: Second<typeof fronts.split>): ReturnType<typeof fronts.split<Self>> {
    return fronts.split(this.self(), options);
  }

  topk(options?: Second<typeof fronts.topk>): ReturnType<typeof fronts.topk<Self>> {
    return fronts.topk(this.self(), options);
  }

  dot(other: Self, options?: Parameters<typeof fronts.dot<Self>>[2]): Self {
    return fronts.dot(this.self(), other, options);
  }

  take(indices: Self, options?: Parameters<typeof fronts.take<Self>>[2]): Self {
    return fronts.take(this.self(), indices, options);
  }

  pick(indices: Self, options?: Parameters<typeof fronts.pick<Self>>[2]): Self {
    return fronts.pick(this.self(), indices, options);
  }

  transpose(axes?: readonly number[]): Self {
    return fronts.transpose(this.self(), axes === undefined ? {} : { axes });
  }

  reshape(shape: Shape): Self {
    return fronts.reshape(this.self(), { shape });
  }

  /** Stretched to the shape given; new axes in front are allowed. */
  broadcastTo(shape: Shape): Self {
    return broadcastTo(this.self(), checkIntegers("broadcastTo", "shape", shape));
  }

  astype(dtype: DType): Self {
    return fronts.cast(this.self(), { dtype });
  }
}
