import protobuf from 'protobufjs';

/**
 * Writes ONNX files for tests. Encoding by protobufjs and its own reading of onnx.proto: if our decoder misreads a
 * field, the two disagree.
 */
const { root } = protobuf.parse(
  `syntax = "proto3";
  message Entry { string key = 1; string value = 2; }
  message Tensor {
    repeated int64 dims = 1; int32 data_type = 2; repeated float float_data = 4; repeated int32 int32_data = 5;
    repeated int64 int64_data = 7; string name = 8; optional bytes raw_data = 9; repeated double double_data = 10;
    repeated uint64 uint64_data = 11; repeated Entry external_data = 13; int32 data_location = 14;
  }
  message SparseTensor { Tensor values = 1; Tensor indices = 2; repeated int64 dims = 3; }
  message Attribute {
    string name = 1; optional float f = 2; optional int64 i = 3; bytes s = 4; Tensor t = 5; Graph g = 6;
    repeated int64 ints = 8; repeated Graph graphs = 11; int32 type = 20; SparseTensor sparse_tensor = 22;
  }
  message Node {
    repeated string input = 1; repeated string output = 2; string name = 3; string op_type = 4;
    repeated Attribute attribute = 5; string domain = 7;
  }
  message Dim { oneof value { int64 dim_value = 1; string dim_param = 2; } }
  message Shape { repeated Dim dim = 1; }
  message TensorType { int32 elem_type = 1; Shape shape = 2; }
  message Sequence { Type elem_type = 1; }
  message Type { TensorType tensor_type = 1; Sequence sequence_type = 4; }
  message ValueInfo { string name = 1; Type type = 2; }
  message Graph {
    repeated Node node = 1; string name = 2; repeated Tensor initializer = 5; repeated ValueInfo input = 11;
    repeated ValueInfo output = 12; repeated ValueInfo value_info = 13; repeated SparseTensor sparse_initializer = 15;
  }
  message Opset { string domain = 1; int64 version = 2; }
  message Function { string name = 1; string domain = 10; }
  message Training { Graph initialization = 1; }
  message Model {
    int64 ir_version = 1; string producer_name = 2; Graph graph = 7; repeated Opset opset_import = 8;
    repeated Training training_info = 20; repeated Function functions = 25;
  }`,
  { keepCase: false },
);

export const FLOAT = 1;
export const UINT8 = 2;
export const INT8 = 3;
export const INT32 = 6;
export const INT64 = 7;
export const STRING = 8;

type Message = Record<string, unknown>;

export interface ModelParts {
  readonly node?: Message[];
  readonly initializer?: Message[];
  readonly input?: Message[];
  readonly output?: Message[];
  readonly graph?: Message;
  readonly model?: Message;
}

/** An ONNX file; without parts, one that copies `x`, UINT8 [4], to `y`. */
export function buildModel({ node, initializer = [], input, output, graph, model }: ModelParts = {}): Uint8Array {
  return encode('Model', {
    irVersion: 8,
    opsetImport: [{ domain: '', version: 17 }],
    graph: {
      name: 'g',
      node: node ?? [buildNode('Identity', ['x'], ['y'])],
      initializer,
      input: input ?? [buildValue('x', UINT8, [4])],
      output: output ?? [buildValue('y', UINT8, [4])],
      ...graph,
    },
    ...model,
  });
}

export function buildNode(opType: string, input: string[], output: string[], extra: Message = {}): Message {
  return { opType, input, output, ...extra };
}

/** A tensor value; a text among the dimensions is a name, undefined an open dimension. */
export function buildValue(name: string, elemType: number, shape: (number | string | undefined)[]): Message {
  const dim = shape.map((size) =>
    typeof size === 'string' ? { dimParam: size } : size === undefined ? {} : { dimValue: size },
  );
  return { name, type: { tensorType: { elemType, shape: { dim } } } };
}

export function buildTensor(name: string, dataType: number, dims: (number | bigint)[], data: Message): Message {
  return { name, dataType, dims: dims.map(toWritable), ...data };
}

/** An INT64 vector, as shapes are written. */
export function buildShape(name: string, dims: (number | bigint)[]): Message {
  return buildTensor(name, INT64, [dims.length], { int64Data: dims.map(toWritable) });
}

export function encode(messageName: string, message: Message): Uint8Array {
  const type = root.lookupType(messageName);
  return type.encode(type.fromObject(message)).finish();
}

/** protobufjs takes 64-bit integers as decimal strings. */
function toWritable(value: number | bigint): string {
  return value.toString();
}
