import type { DType } from "../dtype.js";
import type { Attrs, Constant, Input, InputRole, Node, NodeId, Ref } from "../graph.js";
import type { TensorType } from "../type.js";

/** What stands where a row reads a value. `at` is its place in the text. */
export type OperandSyntax = { readonly at: number } & (
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "row"; readonly ref: Ref }
  | { readonly kind: "number"; readonly value: number; readonly dtype: DType | undefined }
);

/** What the text says of a `const` input: its elements, or the key of a line of the table. */
export type ContentSyntax =
  | { readonly kind: "elements"; readonly key: string; readonly constant: Constant }
  | { readonly kind: "key"; readonly key: string };

export interface InputSyntax extends Pick<Input, "id" | "name" | "of" | "site"> {
  readonly at: number;
  readonly role: InputRole;
  readonly type: TensorType;
  readonly content: ContentSyntax | undefined;
}

export interface RowSyntax extends Omit<Node, "inputs" | "attrs"> {
  readonly at: number;
  readonly operands: readonly OperandSyntax[];
  readonly attrs: Attrs;
}

export interface OutputSyntax {
  readonly at: number;
  readonly name: string;
  readonly operand: OperandSyntax;
}

export interface TableSyntax {
  readonly at: number;
  readonly key: string;
  readonly constant: Constant;
}

/** A graph as its text has it: names and numbers are not yet rows. */
export interface GraphSyntax {
  readonly at: number;
  readonly name: string;
  readonly inputs: readonly InputSyntax[];
  readonly outputs: readonly OutputSyntax[];
  readonly rows: readonly RowSyntax[];
  readonly table: readonly TableSyntax[];
  readonly next: NodeId | undefined;
}
