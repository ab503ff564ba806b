import type { DType } from "@adjoint/graph";

/** Numbers as the golden files write them: what is not finite is a word. */
export type GoldenNumber = number | "NaN" | "Infinity" | "-Infinity";

export interface GoldenTensor {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly data: readonly GoldenNumber[];
}

export interface GoldenCall {
  readonly out: string | readonly string[];
  readonly op: string;
  readonly args: readonly unknown[];
  readonly attrs: Readonly<Record<string, unknown>>;
}

type Tensors = Readonly<Record<string, GoldenTensor>>;
type HeadGrads = Readonly<Record<string, GoldenTensor | null>> | null;

/** A program with what MXNet made of it; test/golden/README.md explains the fields. */
export interface ProgramCase {
  readonly id: string;
  readonly category: string;
  readonly inputs: Tensors;
  readonly program: readonly GoldenCall[];
  readonly train_mode: boolean;
  readonly heads: readonly string[];
  readonly head_grads: HeadGrads;
  readonly grad_req: Readonly<Record<string, "write" | "add" | "null">>;
  readonly repeat?: number;
  readonly outputs: Tensors;
  readonly grads: Tensors;
  readonly tol: { readonly rtol: number; readonly atol: number };
  readonly quirk?: string;
  readonly grad_of_grad?: {
    readonly variables: readonly string[];
    readonly program: readonly GoldenCall[];
    readonly heads: readonly string[];
    readonly head_grads: HeadGrads;
    readonly first_grads: Tensors;
    readonly outputs: Tensors;
  };
}

/** The text of an array. */
export interface PrintingCase {
  readonly id: string;
  readonly category: "printing";
  readonly array: GoldenTensor;
  readonly print: string;
  readonly numpy: string;
}

export type GoldenCase = ProgramCase | PrintingCase;

export function isPrinting(one: GoldenCase): one is PrintingCase {
  return "print" in one;
}

/** The numbers of a golden tensor. */
export function numbersOf({ data }: GoldenTensor): number[] {
  return data.map(Number);
}
