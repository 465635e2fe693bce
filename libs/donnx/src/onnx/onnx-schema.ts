import protobuf from 'protobufjs';

/**
 * The messages of onnx.proto (ONNX 1.19, IR 3 to 12), with every field that format knows. Those that the profile refuses
 * are `bytes`: their presence is enough. Packing as in onnx.proto, where it matters for writing.
 */
const { root } = protobuf.parse(
  `syntax = "proto3";
  message Entry { string key = 1; string value = 2; }
  message Tensor {
    repeated int64 dims = 1 [packed=false]; int32 data_type = 2; bytes segment = 3; repeated float float_data = 4;
    repeated int32 int32_data = 5; repeated bytes string_data = 6; repeated int64 int64_data = 7; string name = 8;
    bytes raw_data = 9; repeated double double_data = 10; repeated uint64 uint64_data = 11; string doc_string = 12;
    repeated Entry external_data = 13; int32 data_location = 14; repeated Entry metadata_props = 16;
  }
  message Attribute {
    string name = 1; optional float f = 2; optional int64 i = 3; optional bytes s = 4; Tensor t = 5; bytes g = 6;
    repeated float floats = 7 [packed=false]; repeated int64 ints = 8 [packed=false]; repeated bytes strings = 9;
    repeated bytes tensors = 10; repeated bytes graphs = 11; string doc_string = 13; bytes tp = 14;
    repeated bytes type_protos = 15; int32 type = 20; string ref_attr_name = 21; bytes sparse_tensor = 22;
    repeated bytes sparse_tensors = 23;
  }
  message Node {
    repeated string input = 1; repeated string output = 2; string name = 3; string op_type = 4;
    repeated Attribute attribute = 5; string doc_string = 6; string domain = 7; string overload = 8;
    repeated Entry metadata_props = 9; repeated bytes device_configurations = 10;
  }
  message Dimension { optional int64 dim_value = 1; optional string dim_param = 2; string denotation = 3; }
  message Shape { repeated Dimension dim = 1; }
  message TensorType { int32 elem_type = 1; Shape shape = 2; }
  message Type {
    TensorType tensor_type = 1; bytes sequence_type = 4; bytes map_type = 5; string denotation = 6;
    bytes opaque_type = 7; bytes sparse_tensor_type = 8; bytes optional_type = 9;
  }
  message ValueInfo { string name = 1; Type type = 2; string doc_string = 3; repeated Entry metadata_props = 4; }
  message Graph {
    repeated Node node = 1; string name = 2; repeated Tensor initializer = 5; string doc_string = 10;
    repeated ValueInfo input = 11; repeated ValueInfo output = 12; repeated ValueInfo value_info = 13;
    repeated bytes quantization_annotation = 14; repeated bytes sparse_initializer = 15; repeated Entry metadata_props = 16;
  }
  message Opset { string domain = 1; int64 version = 2; }
  message Model {
    int64 ir_version = 1; string producer_name = 2; string producer_version = 3; string domain = 4;
    int64 model_version = 5; string doc_string = 6; Graph graph = 7; repeated Opset opset_import = 8;
    repeated Entry metadata_props = 14; repeated bytes training_info = 20; repeated bytes functions = 25;
    repeated bytes configuration = 26;
  }`,
  { keepCase: false },
);

export const ModelType = root.resolveAll().lookupType('Model');

/** How protobufjs gives 64-bit integers, with the package `long` that it depends on. */
export interface Integer {
  readonly low: number;
  readonly high: number;
}

export function toBigInt({ low, high }: Integer): bigint {
  return (BigInt(high) << 32n) | BigInt(low >>> 0);
}

export interface ModelMessage {
  readonly irVersion?: Integer;
  readonly graph?: GraphMessage;
  readonly opsetImport: readonly { readonly domain?: string; readonly version?: Integer }[];
  readonly trainingInfo: readonly Uint8Array[];
  readonly functions: readonly Uint8Array[];
}

export interface GraphMessage {
  readonly node: readonly NodeMessage[];
  readonly initializer: readonly TensorMessage[];
  readonly input: readonly ValueInfoMessage[];
  readonly output: readonly ValueInfoMessage[];
  readonly sparseInitializer: readonly Uint8Array[];
}

export interface NodeMessage {
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly name?: string;
  readonly opType?: string;
  readonly domain?: string;
  readonly overload?: string;
  readonly attribute: readonly AttributeMessage[];
}

export interface AttributeMessage {
  readonly name?: string;
  readonly type?: number;
  readonly f?: number;
  readonly i?: Integer;
  readonly s?: Uint8Array;
  readonly t?: TensorMessage;
  readonly floats: readonly number[];
  readonly ints: readonly Integer[];
  readonly refAttrName?: string;
}

export interface TensorMessage {
  readonly dims: readonly Integer[];
  readonly dataType?: number;
  readonly floatData: readonly number[];
  readonly int32Data: readonly number[];
  readonly int64Data: readonly Integer[];
  readonly name?: string;
  readonly rawData?: Uint8Array;
  readonly externalData: readonly unknown[];
  readonly dataLocation?: number;
  readonly segment?: Uint8Array;
}

export interface ValueInfoMessage {
  readonly name?: string;
  readonly type?: {
    readonly tensorType?: {
      readonly elemType?: number;
      readonly shape?: { readonly dim: readonly { readonly dimValue?: Integer; readonly dimParam?: string }[] };
    };
  };
}
