/**
 * Automatic differentiation for TypeScript. Arrays and their programs: `nd`, `autograd`, `NDArray`. Graphs without
 * arrays: `Builder` with the operators of `op`, `gradient`, `execute` and what else is here.
 */
export {
  autograd,
  type BackwardOptions,
  type Counts,
  type GradReq,
  type IndexKey,
  type ModeScope,
  NDArray,
  nd,
} from "@adjoint/nd";

export {
  type Attrs,
  type AttrValue,
  Builder,
  type Constant,
  type Graph,
  type Input,
  type InputRole,
  type Node,
  type NodeId,
  nodeOf,
  nodesOf,
  type Origin,
  type Output,
  type Ref,
  refKey,
  sameRef,
  typeOf,
  type Value,
} from "@adjoint/graph";
export {
  bytesOf,
  type DType,
  dtypes,
  equalTypes,
  formatShape,
  formatType,
  isDType,
  isFloat,
  type Shape,
  sizeOf,
  type TensorType,
  type TypedArray,
  tensorType,
} from "@adjoint/graph";
export {
  AdjointError,
  ArgumentError,
  AttributeError,
  BoundsError,
  type Complaint,
  DTypeError,
  GradientError,
  GraphError,
  InPlaceError,
  ReleasedGraphError,
  ShapeError,
} from "@adjoint/graph";

export { fronts as op, operators, registry } from "@adjoint/ops";
export {
  createRegistry,
  type Emitter,
  type Kernel,
  type OpDef,
  type Operand,
  type Registry,
  type ScalarExpr,
  scalar,
  type Vjp,
  type VjpContext,
} from "@adjoint/graph";

export {
  type DotOptions,
  decodeConstant,
  equalGraphs,
  fromJson,
  hashGraph,
  type JointGraphs,
  toDot,
  toJson,
  toText,
  verify,
} from "@adjoint/graph";
export {
  commonSubexpressions,
  type ConstantFoldingOptions,
  constantFolding,
  deadCode,
  type Fired,
  lower,
  type NodeView,
  type Pass,
  type PassContext,
  type PassRecord,
  type PassResult,
  type Replacement,
  type RewriteOptions,
  type RewriteTools,
  type Rule,
  replay,
  rewritePass,
  runPasses,
  sameValue,
  undo,
} from "@adjoint/graph";
export { algebraicSimplification } from "@adjoint/ops";

export {
  type CheckOptions,
  checkGraphGradients,
  type GradientComparison,
  type GradientGraphs,
  type GradientOptions,
  type GraphRunner,
  gradient,
  joint,
} from "@adjoint/autograd";

export {
  createTensor,
  describePlan,
  evaluateNode,
  execute,
  type NestedNumbers,
  type Plan,
  type PlanOptions,
  plan,
  type RunOptions,
  type Tensor,
  tensorOf,
  toNumbers,
} from "@adjoint/runtime";
