import type { Graph, KernelKind, NodeId, Ref, TensorType } from "@adjoint/graph";

/** A loop of a nest, outermost first. */
export interface LoopDescription {
  readonly length: number;
  /** Whether reductions run over it. */
  readonly reduced: boolean;
  /** Whether neighbours along it are computed together, by vector instructions. */
  readonly vector: boolean;
}

/** A generated loop nest. */
export interface NestDescription {
  readonly loops: readonly LoopDescription[];
  /** How often each row is passed over: once more for each reduction that depends on another. */
  readonly passes: number;
  /** Number of its function; steps of one number share the code. */
  readonly code: number;
}

/** What runs a step. */
export type StepCode =
  /** One generated loop nest for maps, views and reductions. */
  | ({ readonly kind: "fused" } & NestDescription)
  /**
   * A product or convolution by functions of the library, and the loop nests that compute its first
   * argument and read its result, band after band.
   */
  | {
      readonly kind: "banded";
      readonly kernel: KernelKind;
      readonly functions: readonly string[];
      readonly bands: number;
      readonly before?: NestDescription | undefined;
      readonly after?: NestDescription | undefined;
    }
  /** Functions of the library of kernels, in the order of their calls, each named once. */
  | {
      readonly kind: "library";
      readonly kernel: KernelKind;
      readonly functions: readonly string[];
      readonly calls: number;
    }
  /** Loops and branches in generated code: how many calls each body makes. */
  | { readonly kind: "loop" | "branch"; readonly calls: readonly number[] }
  /** The interpreter, and why there is no code. */
  | { readonly kind: "interpreted"; readonly kernel: KernelKind; readonly reason: string };

/** An array as a step reads or writes it. */
export interface PlaceDescription {
  /** Position among the plan's buffers. */
  readonly buffer: number;
  readonly type: TensorType;
}

/** What is computed at one time. */
export interface StepDescription {
  /** The nodes that it computes, in order; several where they are fused, none where it copies an input. */
  readonly nodes: readonly NodeId[];
  /** The rows that these nodes are, or are parts of, in the graph before passes. */
  readonly rows: readonly NodeId[];
  readonly code: StepCode;
  readonly reads: readonly PlaceDescription[];
  readonly writes: readonly PlaceDescription[];
  /** Bytes of scratch memory, for each thread. */
  readonly scratchBytes: number;
  /** How many threads share it; 1 where it is not worth dividing. */
  readonly threads: number;
  readonly site?: string | undefined;
  /** The shortest of many runs, without the clock's own; only where it was measured. */
  readonly milliseconds?: number | undefined;
}

/**
 * An array that exists during a run: given by the caller, in the graph's table, handed to the
 * caller, or in the arena.
 */
export interface BufferDescription {
  readonly kind: "input" | "constant" | "result" | "temporary";
  /** The value of the planned graph that it holds. */
  readonly ref: Ref;
  /** Of an input or output. */
  readonly name?: string | undefined;
  readonly type: TensorType;
  readonly bytes: number;
}

/** A temporary's place in the arena. Bytes count from its start; steps from 0, `end` inclusive. */
export interface SlotDescription {
  readonly buffer: number;
  readonly offset: number;
  readonly bytes: number;
  readonly start: number;
  readonly end: number;
  /** The buffer whose memory it takes over, as each element is read right before it is written. */
  readonly inPlaceOf?: number | undefined;
}

/** What a compiled plan does, and where it keeps what. Plain data. */
export interface PlanDescription {
  /** What is planned: the graph with composites expanded. */
  readonly graph: Graph;
  readonly steps: readonly StepDescription[];
  /** Nodes that nothing computes: numbers that stand in the code, views that are ways to read. */
  readonly folded: readonly NodeId[];
  readonly buffers: readonly BufferDescription[];
  readonly slots: readonly SlotDescription[];
  readonly threads: number;
  /** Bytes of the arena: temporaries, then scratch memory for each thread. */
  readonly arenaBytes: number;
  /** Of these, temporaries. */
  readonly temporaryBytes: number;
  /** The most bytes of temporaries alive at one step: no arena can be smaller. */
  readonly liveBytesBound: number;
  /** Of a whole run, where it was measured: the shortest of many. */
  readonly milliseconds?: number | undefined;
}
