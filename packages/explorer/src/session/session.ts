/** What the page is told: plain data, as `/session.json` carries it. Numbers that JSON lacks are words. */

/** A number as JSON can carry it. */
export type PlainNumber = number | "nan" | "inf" | "-inf";

/** Which of the two graphs. */
export type Side = "forward" | "backward";

/** A result of a row: row and position. */
export type Place = readonly [row: number, out: number];

export type RowKind = "node" | "arg" | "const" | "head" | "saved";

/** An input or a node of a graph, with everything printed. */
export interface Row {
  readonly id: number;
  readonly kind: RowKind;
  /** The operator, or the input's name. */
  readonly name: string;
  readonly inputs: readonly Place[];
  /** `axis=0, mode="clip"`. */
  readonly attrs: string;
  /** One per result: `float32[4,1]`. */
  readonly types: readonly string[];
  /** The number itself where the row is one; shown at its readers. */
  readonly literal?: string | undefined;
  readonly site?: string | undefined;
  readonly scope?: string | undefined;
  /** The row of the program that this row differentiates, or is a part of. */
  readonly origin?: number | undefined;
  /** Of a head or a saved value: what it stands for in the program. */
  readonly of?: Place | undefined;
}

export interface OutputRow {
  readonly name: string;
  readonly place: Place;
  /** Handed over to the gradient, and no result. */
  readonly saved: boolean;
}

/** One graph at one stage. */
export interface StageGraph {
  readonly name: string;
  /** Positions in `Program.rows`, inputs first, then nodes in order. */
  readonly rows: readonly number[];
  readonly outputs: readonly OutputRow[];
}

/** One row that a rule replaced by another. */
export interface Replacement {
  readonly side: Side;
  readonly rule: string;
  readonly from: Place;
  readonly to: Place;
}

/** How often a rule changed something. */
export interface RuleCount {
  readonly rule: string;
  readonly count: number;
}

/** Program and gradient after one pass. */
export interface Stage {
  readonly name: string;
  /** What the pass is for, in a sentence. */
  readonly purpose: string;
  readonly rules: readonly RuleCount[];
  readonly replacements: readonly Replacement[];
  readonly graphs: { readonly [S in Side]: StageGraph };
}

/** What an array holds. */
export interface ValueData {
  readonly type: string;
  readonly min?: PlainNumber | undefined;
  readonly mean?: PlainNumber | undefined;
  readonly max?: PlainNumber | undefined;
  readonly nans: number;
  readonly infinities: number;
  readonly grid: Grid;
}

/** An array as a table: the last axis across, all others down; a large one by a sample of its elements. */
export interface Grid {
  readonly rows: number;
  readonly columns: number;
  /** Elements of the array that lie from one row or column of the grid to the next. */
  readonly rowStep: number;
  readonly columnStep: number;
  readonly cells: readonly PlainNumber[];
}

/** Values of a graph by `row.out`. */
export type ValueTable = { readonly [place: string]: ValueData };

/** What an operator is. */
export interface OperatorData {
  /** Markdown of a line or a few. */
  readonly docs: string;
  /** Why it has no derivative. */
  readonly noDerivative?: string | undefined;
  /** The kind of kernel that runs it; `composite` where it is made of others. */
  readonly kind: string;
}

/** What one application of a rule sends to one argument. */
export interface Contribution {
  readonly to: Place;
  /** Position of the argument. */
  readonly argument: number;
  readonly value: ValueData;
  /** The sum of what has arrived so far. */
  readonly total: ValueData;
}

/** The visit of one node by the reverse pass. */
export interface ReverseStep {
  readonly row: number;
  /** The adjoint of each result, complete; undefined where nothing depends on the result. */
  readonly adjoints: readonly (ValueData | null)[];
  /** Position in `ReverseWalk.rules`. */
  readonly rule: number;
  readonly contributions: readonly Contribution[];
}

/** The reverse pass node by node. */
export interface ReverseWalk {
  /** Head gradients, with which it starts. */
  readonly seeds: readonly { readonly to: Place; readonly value: ValueData }[];
  /** Gradient programs of single nodes, as text. */
  readonly rules: readonly string[];
  readonly steps: readonly ReverseStep[];
  /** The adjoint of each value reached, by `row.out`. */
  readonly adjoints: ValueTable;
}

/** A step of an execution plan, compiled. */
export interface PlanStep {
  /** Nodes of the planned graph that it computes; several where they are fused. */
  readonly nodes: readonly { readonly id: number; readonly op: string }[];
  /** The rows that these are parts of. */
  readonly rows: readonly number[];
  readonly code: "fused" | "banded" | "library" | "loop" | "branch" | "interpreted";
  /** `loops 8 x 32rv, code 0`. */
  readonly kernel: string;
  readonly threads: number;
  readonly reads: readonly number[];
  readonly writes: readonly number[];
  readonly milliseconds: number;
}

export interface PlanSlot {
  readonly place: Place;
  readonly offset: number;
  readonly bytes: number;
  readonly start: number;
  readonly end: number;
  /** The value whose memory it takes over. */
  readonly inPlaceOf?: Place | undefined;
}

export interface PlanBuffer {
  readonly kind: "input" | "constant" | "result" | "temporary";
  readonly type: string;
  readonly bytes: number;
}

/** How a graph is run once it is compiled. */
export interface PlanData {
  readonly steps: readonly PlanStep[];
  /** Nodes that nothing computes: numbers that stand in the code, views that are ways to read. */
  readonly folded: PlanStep["nodes"];
  /** Of a whole run. */
  readonly milliseconds: number;
  readonly threads: number;
  readonly slots: readonly PlanSlot[];
  readonly buffers: readonly PlanBuffer[];
  /** Of temporaries. */
  readonly arenaBytes: number;
  readonly scratchBytes: number;
  readonly liveBytesBound: number;
}

/** A value that the program read, so that what it did next could depend on it. */
export interface TraceRead {
  /** `sum`, or the name of an input. */
  readonly of: string;
  readonly site?: string | undefined;
}

/** A stretch of recorded operations that always followed each other. */
export interface TraceBranch {
  /** Position of the branch that this one continues; undefined for the first. */
  readonly parent?: number | undefined;
  readonly steps: readonly { readonly text: string; readonly site?: string | undefined }[];
  /** How many runs came here. */
  readonly hits: number;
  /** Whether the run that is shown came through. */
  readonly taken: boolean;
  /** Numbers that the first run here had read right before. */
  readonly outcomes: readonly PlainNumber[];
  /** What was read at the end. */
  readonly reads: readonly TraceRead[];
}

/** Paths that recorded programs took. */
export interface TraceData {
  /** A branch comes after the one that it continues. */
  readonly branches: readonly TraceBranch[];
  /** How many more there are. */
  readonly more: number;
}

/** A program with all that is known of it. */
export interface Program {
  readonly name: string;
  /** Rows of all graphs at all stages; equal ones are there once. */
  readonly rows: readonly Row[];
  readonly stages: readonly Stage[];
  /** The stage whose graphs `backward` runs. */
  readonly current: number;
  readonly operators: { readonly [op: string]: OperatorData };
  /** Lines of the user's files by name. */
  readonly sources: { readonly [file: string]: readonly string[] };
  readonly values: { readonly [S in Side]: ValueTable };
  readonly walk: ReverseWalk;
  readonly plans: { readonly [S in Side]: PlanData };
  readonly trace?: TraceData | undefined;
  /** What was left out because of the program's size. */
  readonly omissions: readonly string[];
}

/** Why there is no program to show. */
export interface Failure {
  /** `ShapeError: dot: inner sizes differ …`. */
  readonly message: string;
  readonly site?: string | undefined;
  /** The lines of the file of `site`. */
  readonly lines?: readonly string[] | undefined;
  /** The stack, for errors that are not of bad input. */
  readonly detail?: string | undefined;
}

export type Outcome =
  | { readonly kind: "program"; readonly program: Program }
  | { readonly kind: "failure"; readonly failure: Failure };

export interface Session {
  /** `model.ts#loss`. */
  readonly title: string;
  /** The command line that shows it again. */
  readonly command: string;
  readonly outcome: Outcome;
}
