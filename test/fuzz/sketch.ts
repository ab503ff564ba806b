import {
  type Attrs,
  Builder,
  type DType,
  dtypes as allDTypes,
  equalTypes,
  isFloat,
  type Shape,
  sizeOf,
  type TensorType,
  type Value,
} from "@adjoint/graph";
import { registry, reshape } from "@adjoint/ops";
import { createTensor, type Tensor } from "@adjoint/runtime";
import type { Choices } from "./choices.js";
import { anyNumber, type DomainName, domains, type Numbers, within } from "./domains.js";

/**
 * `wild`: all dtypes and numbers, for laws that hold bit for bit. `smooth`: float64 within the domains of functions, for
 * comparisons with difference quotients.
 */
export type Style = "wild" | "smooth";

/** A call of an operator. */
export interface Call {
  readonly ins: readonly Value[];
  readonly attrs: Attrs;
}

/** Which array an operator takes. */
export interface Wanted {
  /** Any of these; by default all that the style has. */
  readonly dtypes?: readonly DType[];
  /** Numbers of axes; 0 to 3 unless given. */
  readonly ranks?: readonly [number, number];
  readonly accept?: (shape: Shape) => boolean;
  readonly domain?: DomainName;
}

/** Larger values are not used again. */
const mostElements = 200;
const floats: readonly DType[] = ["float32", "float64", "float16"];

/** A program under construction: its values so far, and the choices that go on with it. */
export class Sketch {
  readonly pool: Value[] = [];
  readonly inputs: Record<string, Tensor> = {};
  /** Inputs not to differentiate by. */
  readonly held: string[] = [];
  readonly builder: Builder;
  /** How likely a new array is a constant. */
  private readonly constants: number;

  /** With `depth` above 0 it is a body: what it does not get as a parameter is a constant. */
  constructor(
    readonly choices: Choices,
    readonly style: Style,
    /** What it may call, if nothing else is asked for. */
    readonly operators: readonly string[],
    readonly depth = 0,
    name = "fuzz",
  ) {
    this.builder = new Builder(name);
    this.constants = choices.pick([0.05, 0.05, 0.5]);
  }

  get dtypes(): readonly DType[] {
    return this.style === "smooth" ? ["float64"] : allDTypes;
  }

  /** The dtypes with fractions. */
  get floats(): readonly DType[] {
    return this.style === "smooth" ? ["float64"] : floats;
  }

  /** The dtypes of factorisations. */
  get reals(): readonly DType[] {
    return this.style === "smooth" ? ["float64"] : ["float32", "float64"];
  }

  /** What counts and positions may be held in. */
  get indexDTypes(): readonly DType[] {
    return this.style === "smooth" ? ["int32", "float64"] : ["int32", "int64", "uint8", "float32"];
  }

  dtype(from: readonly DType[] = this.dtypes): DType {
    return this.choices.pickAny(from) ?? "float64";
  }

  length(): number {
    const chance = this.choices.unit();
    if (chance < 0.03) return 0;
    if (chance < 0.25) return 1;
    return chance < 0.65 ? 2 : chance < 0.95 ? 3 : 4;
  }

  shape(least = 0, most = 3): number[] {
    return Array.from({ length: this.choices.between(least, most) }, () => this.length());
  }

  /** Some of the axes, in order. */
  axes(rank: number): number[] {
    return this.choices.some(Array.from({ length: rank }, (_, axis) => axis));
  }

  axis(rank: number): number {
    return this.choices.between(0, rank - 1);
  }

  /** A new input, or a constant; `held` inputs are not differentiated by. */
  fresh(type: TensorType, numbers: Numbers, held = false): Value {
    const data = [...numbers(this.choices, type.shape)];
    const tensor = createTensor(type, data);
    if (this.depth > 0 || (!held && this.choices.chance(this.constants))) {
      return this.builder.constant(tensor.data, type);
    }
    const name = `x${Object.keys(this.inputs).length}`;
    const value = this.builder.input(name, type);
    this.inputs[name] = tensor;
    if (held) this.held.push(name);
    return value;
  }

  /** A new array of any numbers, or of those of a domain. */
  freshArray(type: TensorType, domain: DomainName = "real"): Value {
    const { dtype } = type;
    const { low, high } = domains[domain];
    const wild = this.style === "wild" && !this.choices.chance(0.4);
    const any: Numbers = (choices, shape) =>
      Array.from({ length: sizeOf(shape) }, () => anyNumber(choices, dtype));
    const value = this.fresh(type, wild ? any : within(low, high, dtype));
    this.keep([value]);
    return value;
  }

  /** A value of the program that fits, or a new one. */
  array(wanted: Wanted = {}): Value {
    const { dtypes = this.dtypes, ranks = [0, 3], accept = () => true, domain = "real" } = wanted;
    const fits = ({ type: { dtype, shape } }: Value) =>
      dtypes.includes(dtype) &&
      shape.length >= ranks[0] &&
      shape.length <= ranks[1] &&
      sizeOf(shape) <= mostElements &&
      accept(shape);
    const known = this.choices.chance(0.8) ? this.latest(this.pool.filter(fits)) : undefined;
    const value = known ?? this.lifted(dtypes, ranks, accept);
    if (value !== undefined) return this.adapted(value, domain);
    return this.freshArray(
      { dtype: this.dtype(dtypes), shape: this.accepted(ranks, accept) },
      domain,
    );
  }

  /** A value of exactly this type. */
  like(type: TensorType, domain: DomainName = "real"): Value {
    const known = this.choices.chance(0.7)
      ? this.latest(this.pool.filter((value) => equalTypes(value.type, type)))
      : undefined;
    return known === undefined ? this.freshArray(type, domain) : this.adapted(known, domain);
  }

  /** A random state. */
  state(): Value {
    const type = { dtype: "float64", shape: [1026] } as const;
    const known = this.pool.filter((value) => equalTypes(value.type, type));
    return (this.choices.chance(0.5) ? this.latest(known) : undefined) ?? this.freshState(type);
  }

  /** Puts results at the disposal of further calls. */
  keep(values: readonly Value[]): void {
    for (const value of values) {
      const { shape } = value.type;
      if (sizeOf(shape) <= mostElements || shape[0] === stateLength) this.pool.push(value);
    }
  }

  /** Applies an operator and keeps its results. */
  emit(name: string, { ins, attrs }: Call): readonly Value[] {
    const results = this.builder.emit(registry.get(name), ins, attrs);
    this.keep(results);
    return results;
  }

  /** Late values more often, so that programs become deep. */
  private latest(values: readonly Value[]): Value | undefined {
    const back = Math.floor(this.choices.unit() ** 2 * values.length);
    return values[values.length - 1 - back];
  }

  private adapted(value: Value, domain: DomainName): Value {
    const leave = this.style === "wild" && !this.choices.chance(0.3);
    return leave || !isFloat(value.type.dtype) ? value : domains[domain].adapt(value);
  }

  /** A value with too few axes, with axes of length 1 in front. */
  private lifted(
    dtypes: readonly DType[],
    [least]: readonly [number, number],
    accept: (shape: Shape) => boolean,
  ): Value | undefined {
    const wider = ({ type: { shape } }: Value) => [
      ...new Array<number>(Math.max(least - shape.length, 0)).fill(1),
      ...shape,
    ];
    const small = this.pool.filter(
      (value) =>
        dtypes.includes(value.type.dtype) &&
        value.type.shape.length < least &&
        accept(wider(value)),
    );
    const value = this.choices.chance(0.5) ? this.latest(small) : undefined;
    return value === undefined ? undefined : reshape(value, wider(value));
  }

  private accepted([least, most]: readonly [number, number], accept: (shape: Shape) => boolean) {
    for (let attempt = 0; attempt < 100; attempt++) {
      const shape = this.shape(least, most);
      if (accept(shape)) return shape;
    }
    throw new Error("no shape is accepted");
  }

  private freshState(type: TensorType): Value {
    const value = this.fresh(type, (choices) => initialState(choices), true);
    this.keep([value]);
    return value;
  }
}

const stateLength = 1026;

function initialState(choices: Choices): number[] {
  return [choices.between(0, 99), ...new Array<number>(stateLength - 1).fill(0)];
}
