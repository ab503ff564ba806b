/** Models in the ONNX format, built node by node. Of its schema only the fields that are needed here. */
import protobuf from "protobufjs";

const schema = `
syntax = "proto3";
message Model { int64 ir_version = 1; Graph graph = 7; repeated OperatorSet opset_import = 8; }
message OperatorSet { string domain = 1; int64 version = 2; }
message Graph {
  repeated Node node = 1; string name = 2; repeated Tensor initializer = 5;
  repeated ValueInfo input = 11; repeated ValueInfo output = 12;
}
message Node {
  repeated string input = 1; repeated string output = 2; string op_type = 4;
  repeated Attribute attribute = 5;
}
message Attribute {
  string name = 1; float f = 2; int64 i = 3; bytes s = 4; repeated int64 ints = 8; int32 type = 20;
}
message Tensor { repeated int64 dims = 1; int32 data_type = 2; string name = 8; bytes raw_data = 9; }
message ValueInfo { string name = 1; Type type = 2; }
message Type { TensorType tensor_type = 1; }
message TensorType { int32 elem_type = 1; Shape shape = 2; }
message Shape { repeated Dimension dim = 1; }
message Dimension { int64 dim_value = 1; }
`;

const Model = protobuf.parse(schema, { keepCase: true }).root.lookupType("Model");
const float = 1;
const int64 = 7;
const encoder = new TextEncoder();

function attribute(name, value) {
  if (Array.isArray(value)) return { name, ints: value, type: 7 };
  if (typeof value === "string") return { name, s: encoder.encode(value), type: 3 };
  if (Number.isInteger(value)) return { name, i: value, type: 2 };
  return { name, f: value, type: 1 };
}

function valueInfo(name, shape) {
  const dim = shape.map((length) => ({ dim_value: length }));
  return { name, type: { tensor_type: { elem_type: float, shape: { dim } } } };
}

export class OnnxModel {
  #nodes = [];
  #constants = [];

  /** A float32 constant; gives its name. */
  constant({ data, shape }) {
    return this.#store(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), shape, float);
  }

  scalar(value) {
    return this.constant({ data: Float32Array.of(value), shape: [] });
  }

  /** A list of integers, as shapes and axes are given; gives its name. */
  integers(values) {
    const data = BigInt64Array.from(values, BigInt);
    return this.#store(new Uint8Array(data.buffer), [values.length], int64);
  }

  #store(raw_data, dims, data_type) {
    const name = `c${this.#constants.length}`;
    this.#constants.push({ name, dims, data_type, raw_data });
    return name;
  }

  /** Applies an operator; gives the name of its result. */
  apply(op_type, input, attributes = {}) {
    const output = `t${this.#nodes.length}`;
    const list = Object.entries(attributes).map(([name, value]) => attribute(name, value));
    this.#nodes.push({ op_type, input, output: [output], attribute: list });
    return output;
  }

  /** The bytes of the model: inputs are shapes by name, `result` a name. */
  finish(inputs, result, resultShape) {
    this.#nodes.push({ op_type: "Identity", input: [result], output: ["out"], attribute: [] });
    const graph = {
      name: "model",
      node: this.#nodes,
      initializer: this.#constants,
      input: Object.entries(inputs).map(([name, shape]) => valueInfo(name, shape)),
      output: [valueInfo("out", resultShape)],
    };
    const opset_import = [{ domain: "", version: 20 }];
    return Model.encode(Model.create({ ir_version: 9, graph, opset_import })).finish();
  }
}
