import {
  DTypeError,
  formatType,
  GradientError,
  InPlaceError,
  ReleasedGraphError,
  ShapeError,
  type TensorType,
} from "@adjoint/graph";

/** Errors that a recorder and a compiler of functions have in common. */

export function released(): ReleasedGraphError {
  return new ReleasedGraphError({
    op: "backward",
    problem: "graph was released by an earlier backward",
    allowed: "{ retainGraph: true } in the earlier call, to differentiate twice",
  });
}

export function noVariable(heads: readonly TensorType[]): GradientError {
  return new GradientError({
    op: "backward",
    problem: "no variable behind the heads asks for a gradient",
    received: heads.map(formatType).join(", "),
    allowed: 'one variable at least with attachGrad("write") or attachGrad("add")',
  });
}

export function notRecorded(type: TensorType): GradientError {
  return new GradientError({
    op: "backward",
    problem: "array is not the result of a recorded computation on variables",
    received: formatType(type),
    allowed: "results of autograd.record that depend on an array with attachGrad",
  });
}

export function unfitHead(given: TensorType, head: TensorType): ShapeError | DTypeError {
  const complaint = {
    op: "backward",
    problem: "head gradient does not fit its array",
    received: `${formatType(given)} for ${formatType(head)}`,
    allowed: formatType(head),
  };
  return given.dtype === head.dtype ? new ShapeError(complaint) : new DTypeError(complaint);
}

export function overwritten(): InPlaceError {
  return new InPlaceError({
    op: "record",
    problem: "array was overwritten after it was recorded in this scope",
    allowed: "a copy, or a write outside the recorded scope",
  });
}

export function writeWhileRecording(op: string, type: TensorType): InPlaceError {
  return new InPlaceError({
    op,
    problem: "array is part of a recorded program",
    received: `a write to ${formatType(type)} while recording`,
    allowed: "writes outside the recorded scope, or a new array",
  });
}

export function partialWrite(type: TensorType): InPlaceError {
  return new InPlaceError({
    op: "setAt",
    problem: "writes of recorded values into part of an array cannot be differentiated",
    received: formatType(type),
    allowed: "nd.concat or nd.where, or a write outside the recorded scope",
  });
}
