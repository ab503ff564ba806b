import type { Attrs, Emitter, OpDef, Operand, TensorType } from "@adjoint/graph";

/** An operand without numbers: operators on it infer types and nothing else. */
export class TypeOnly implements Operand<TypeOnly> {
  readonly emitter: Emitter<TypeOnly> = { emit: inferOnly };

  constructor(readonly type: TensorType) {}
}

function inferOnly(op: OpDef, ins: readonly TypeOnly[], attrs: Attrs): readonly TypeOnly[] {
  const types = op.infer(
    ins.map(({ type }) => type),
    attrs,
  );
  return types.map((type) => new TypeOnly(type));
}
