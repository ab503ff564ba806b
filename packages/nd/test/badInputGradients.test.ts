import {
  ArgumentError,
  DTypeError,
  GradientError,
  InPlaceError,
  ReleasedGraphError,
  ShapeError,
} from "@adjoint/graph";
import { autograd, nd } from "../src/index.js";
import { d, nothing, type Row, silent, testBadInput, three, used, v, x, y } from "./badInput.js";

const rows: readonly Row[] = [
  // gradients
  [
    "backward: not recorded",
    () => v.backward(),
    GradientError,
    ["backward", "float32[3]", "attachGrad"],
  ],
  [
    "backward: released",
    () => used.backward(),
    ReleasedGraphError,
    ["backward", "released", "retainGraph"],
  ],
  [
    "backward: head's shape",
    () => y.backward(nd.ones(4)),
    ShapeError,
    ["backward", "float32[4] for float32[3]"],
  ],
  [
    "backward: head's dtype",
    () => y.backward(d),
    DTypeError,
    ["backward", "float64[3] for float32[3]"],
  ],
  [
    "backward: head is a number",
    () => y.backward(three),
    ArgumentError,
    ["backward", "3 (number)", "NDArray"],
  ],
  ["backward: no heads", () => autograd.backward([]), ArgumentError, ["backward", "empty list"]],
  [
    "backward: head gradients",
    () => autograd.backward([y], { headGrads: [nothing, nothing] }),
    ArgumentError,
    ["1 heads, 2 head gradients"],
  ],
  [
    "grad: no variable",
    () => autograd.grad(y, v),
    GradientError,
    ["grad", "variable 1", "attachGrad"],
  ],
  [
    "backward: null variables only",
    () => autograd.backward(silent),
    GradientError,
    ["backward", "asks for a gradient", "float32[3]"],
  ],
  ["grad: no variables", () => autograd.grad(y, []), ArgumentError, ["grad", "empty list"]],
  [
    "grad: not reached",
    () => autograd.grad(y, nd.ones(1).attachGrad()),
    GradientError,
    ["grad", "not reached"],
  ],
  [
    "markVariables: lengths",
    () => autograd.markVariables([v], []),
    ArgumentError,
    ["markVariables"],
  ],
  ["graphOf: not recorded", () => autograd.graphOf(v), GradientError, ["graphOf", "float32[3]"]],
  [
    "assign: recording",
    () => autograd.record(() => x.assign(5)),
    InPlaceError,
    ["assign", "float32[3]", "outside"],
  ],
  [
    "setAt: recording",
    () => autograd.record(() => x.setAt([0], 5)),
    InPlaceError,
    ["float32[3]", "outside"],
  ],
  [
    "record: promise",
    () => autograd.record(async () => 1),
    ArgumentError,
    ["record", "promise", "synchronous"],
  ],
];

testBadInput(import.meta.url, rows);
