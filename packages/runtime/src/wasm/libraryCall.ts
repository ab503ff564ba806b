import type { Span } from "./spans.js";

/** What a call is given: a constant, or an address plus a number of bytes. */
export type CallArgument =
  | number
  /**
   * The address of an argument or result of the kernel: arguments are counted first, then results.
   */
  | { readonly operand: number; readonly offset: number }
  /** The address of scratch memory. */
  | { readonly scratch: number };

/** A function of a library: 32-bit integers in, no result. `N` names its parameters, in order. */
export interface LibraryFunction<N extends string = string> {
  readonly library: string;
  readonly name: string;
  readonly parameters: readonly N[];
  readonly arity: number;
  readonly run: (...args: number[]) => void;
}

export interface LibraryCall {
  readonly target: LibraryFunction;
  readonly args: readonly CallArgument[];
}

/** A kernel for given types, as calls one after another. */
export interface PreparedKernel {
  /** Bytes of scratch memory that a run may use; their contents do not matter before or after. */
  readonly scratchBytes: number;
  /** Compute the results, whatever their memory held. */
  readonly calls: readonly LibraryCall[];
  /** Whether calls may refuse what they meet. */
  readonly mayRefuse?: boolean;
  /**
   * At most `parts` kernels of the same operands, which together leave the same bits as this one.
   * They may run at the same time, each with scratch memory of its own.
   */
  split(parts: number): readonly PreparedKernel[];
  /**
   * Kernels for spans of the rows of a product's results, counted through the batch; where there is
   * a batch, spans end between its items. Of a convolution, for spans of images. Together they leave
   * the same bits as this one.
   */
  readonly rows?: ((spans: readonly Span[]) => readonly PreparedKernel[]) | undefined;
}

/** A call with its arguments by name. */
export function callOf<N extends string>(
  target: LibraryFunction<N>,
  args: { readonly [P in N]: CallArgument },
): LibraryCall {
  return { target, args: target.parameters.map((name) => args[name]) };
}

/** The same kind of argument, a number of bytes further. */
export function movedBy(argument: CallArgument, bytes: number): CallArgument {
  if (typeof argument === "number") return argument + bytes;
  if ("scratch" in argument) return { scratch: argument.scratch + bytes };
  return { operand: argument.operand, offset: argument.offset + bytes };
}

/** The address of operand `operand`. */
export function operandAt(operand: number, offset = 0): CallArgument {
  return { operand, offset };
}

/** A kernel that can't be cut. */
export function wholeKernel(calls: readonly LibraryCall[], scratchBytes = 0): PreparedKernel {
  const kernel: PreparedKernel = { calls, scratchBytes, split: () => [kernel] };
  return kernel;
}

/** Runs a kernel on the given addresses of its operands. */
export type BoundCalls = (operands: ArrayLike<number>, scratch: number) => void;

/**
 * A function that runs the calls of a kernel.
 *
 * @example
 * ```ts
 * const run = bindCalls(prepareContract(kernel, library));
 * run([a, b, c], scratch); // addresses
 * ```
 */
export function bindCalls({ calls }: PreparedKernel): BoundCalls {
  const bound = calls.map(bindCall);
  const [only] = bound;
  if (bound.length === 1 && only !== undefined) return only;
  return (operands, scratch) => {
    for (const run of bound) run(operands, scratch);
  };
}

/** Arguments are written to one list, which is kept: a call makes no garbage. */
function bindCall({ target: { run }, args }: LibraryCall): BoundCalls {
  const values = args.map((argument) => (typeof argument === "number" ? argument : 0));
  const operands: { readonly at: number; readonly operand: number; readonly offset: number }[] = [];
  const scratches: { readonly at: number; readonly offset: number }[] = [];
  for (const [at, argument] of args.entries()) {
    if (typeof argument === "number") continue;
    if ("scratch" in argument) scratches.push({ at, offset: argument.scratch });
    else operands.push({ at, ...argument });
  }
  return (addresses, scratch) => {
    for (const { at, operand, offset } of operands) {
      values[at] = (addresses[operand] ?? 0) + offset;
    }
    for (const { at, offset } of scratches) values[at] = scratch + offset;
    Reflect.apply(run, undefined, values);
  };
}
