export type ScalarType = 'int32' | 'int64' | 'uint64' | 'float' | 'double' | 'string' | 'bytes' | 'opaque';

export interface Field {
  readonly name: string;
  readonly type: ScalarType | MessageName;
  /** `optional` has a presence of its own: 0 is not the same as none. Of `unpacked` numbers each has its own tag when written. */
  readonly rule: 'one' | 'optional' | 'many' | 'unpacked';
}

export type MessageName =
  | 'ModelProto'
  | 'GraphProto'
  | 'NodeProto'
  | 'AttributeProto'
  | 'TensorProto'
  | 'ValueInfoProto'
  | 'TypeProto'
  | 'TensorTypeProto'
  | 'TensorShapeProto'
  | 'DimensionProto'
  | 'OperatorSetIdProto'
  | 'StringStringEntryProto';

const one = (name: string, type: Field['type']): Field => ({ name, type, rule: 'one' });
const optional = (name: string, type: Field['type']): Field => ({ name, type, rule: 'optional' });
const many = (name: string, type: Field['type']): Field => ({ name, type, rule: 'many' });
const unpacked = (name: string, type: Field['type']): Field => ({ name, type, rule: 'unpacked' });

export function isRepeated({ rule }: Field): boolean {
  return rule === 'many' || rule === 'unpacked';
}

/**
 * Messages of onnx.proto as of ONNX 1.19 (IR 3 to 12), with every field number that format knows: a field missing here
 * is refused, because onnxruntime might give it a meaning we have not checked. `sparse` and `training` parts and the
 * like are `opaque`: their presence is enough to refuse them.
 */
export const ONNX_SCHEMA: Readonly<Record<MessageName, Readonly<Record<number, Field>>>> = {
  ModelProto: {
    1: one('irVersion', 'int64'),
    2: one('producerName', 'string'),
    3: one('producerVersion', 'string'),
    4: one('domain', 'string'),
    5: one('modelVersion', 'int64'),
    6: one('docString', 'bytes'),
    7: one('graph', 'GraphProto'),
    8: many('opsetImport', 'OperatorSetIdProto'),
    14: many('metadataProps', 'StringStringEntryProto'),
    20: many('trainingInfo', 'opaque'),
    25: many('functions', 'opaque'),
    26: many('configuration', 'opaque'),
  },
  GraphProto: {
    1: many('node', 'NodeProto'),
    2: one('name', 'string'),
    5: many('initializer', 'TensorProto'),
    10: one('docString', 'bytes'),
    11: many('input', 'ValueInfoProto'),
    12: many('output', 'ValueInfoProto'),
    13: many('valueInfo', 'ValueInfoProto'),
    14: many('quantizationAnnotation', 'opaque'),
    15: many('sparseInitializer', 'opaque'),
    16: many('metadataProps', 'StringStringEntryProto'),
  },
  NodeProto: {
    1: many('input', 'string'),
    2: many('output', 'string'),
    3: one('name', 'string'),
    4: one('opType', 'string'),
    5: many('attribute', 'AttributeProto'),
    6: one('docString', 'bytes'),
    7: one('domain', 'string'),
    8: one('overload', 'string'),
    9: many('metadataProps', 'StringStringEntryProto'),
    10: many('deviceConfigurations', 'opaque'),
  },
  AttributeProto: {
    1: one('name', 'string'),
    2: optional('f', 'float'),
    3: optional('i', 'int64'),
    4: optional('s', 'bytes'),
    5: one('t', 'TensorProto'),
    6: one('g', 'opaque'),
    7: unpacked('floats', 'float'),
    8: unpacked('ints', 'int64'),
    9: many('strings', 'bytes'),
    10: many('tensors', 'TensorProto'),
    11: many('graphs', 'opaque'),
    13: one('docString', 'bytes'),
    14: one('tp', 'opaque'),
    15: many('typeProtos', 'opaque'),
    20: one('type', 'int32'),
    21: one('refAttrName', 'string'),
    22: one('sparseTensor', 'opaque'),
    23: many('sparseTensors', 'opaque'),
  },
  TensorProto: {
    1: unpacked('dims', 'int64'),
    2: one('dataType', 'int32'),
    3: one('segment', 'opaque'),
    4: many('floatData', 'float'),
    5: many('int32Data', 'int32'),
    6: many('stringData', 'bytes'),
    7: many('int64Data', 'int64'),
    8: one('name', 'string'),
    9: one('rawData', 'bytes'),
    10: many('doubleData', 'double'),
    11: many('uint64Data', 'uint64'),
    12: one('docString', 'bytes'),
    13: many('externalData', 'StringStringEntryProto'),
    14: one('dataLocation', 'int32'),
    16: many('metadataProps', 'StringStringEntryProto'),
  },
  ValueInfoProto: {
    1: one('name', 'string'),
    2: one('type', 'TypeProto'),
    3: one('docString', 'bytes'),
    4: many('metadataProps', 'StringStringEntryProto'),
  },
  TypeProto: {
    1: one('tensorType', 'TensorTypeProto'),
    4: one('sequenceType', 'opaque'),
    5: one('mapType', 'opaque'),
    6: one('denotation', 'string'),
    7: one('opaqueType', 'opaque'),
    8: one('sparseTensorType', 'opaque'),
    9: one('optionalType', 'opaque'),
  },
  TensorTypeProto: { 1: one('elemType', 'int32'), 2: one('shape', 'TensorShapeProto') },
  TensorShapeProto: { 1: many('dim', 'DimensionProto') },
  DimensionProto: {
    1: optional('dimValue', 'int64'),
    2: optional('dimParam', 'string'),
    3: one('denotation', 'string'),
  },
  OperatorSetIdProto: { 1: one('domain', 'string'), 2: one('version', 'int64') },
  StringStringEntryProto: { 1: one('key', 'string'), 2: one('value', 'string') },
};

/** A message as a reader gives it, whose 64-bit integers are `Int`. */
export interface ModelProto<Int = bigint> {
  readonly irVersion?: Int;
  readonly producerName?: string;
  readonly producerVersion?: string;
  readonly graph?: GraphProto<Int>;
  readonly opsetImport: readonly { readonly domain?: string; readonly version?: Int }[];
  readonly trainingInfo: readonly Uint8Array[];
  readonly functions: readonly Uint8Array[];
}

export interface GraphProto<Int = bigint> {
  readonly node: readonly NodeProto<Int>[];
  readonly initializer: readonly TensorProto<Int>[];
  readonly input: readonly ValueInfoProto<Int>[];
  readonly output: readonly ValueInfoProto<Int>[];
  readonly valueInfo: readonly ValueInfoProto<Int>[];
  readonly sparseInitializer: readonly Uint8Array[];
}

export interface NodeProto<Int = bigint> {
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly name?: string;
  readonly opType?: string;
  readonly domain?: string;
  readonly overload?: string;
  readonly attribute: readonly AttributeProto<Int>[];
}

export interface AttributeProto<Int = bigint> {
  readonly name?: string;
  readonly type?: number;
  readonly f?: number;
  readonly i?: Int;
  readonly s?: Uint8Array;
  readonly t?: TensorProto<Int>;
  readonly g?: Uint8Array;
  readonly floats: readonly number[];
  readonly ints: readonly Int[];
  readonly tensors: readonly TensorProto<Int>[];
  readonly graphs: readonly Uint8Array[];
  readonly refAttrName?: string;
  readonly sparseTensor?: Uint8Array;
  readonly sparseTensors: readonly Uint8Array[];
}

export interface TensorProto<Int = bigint> {
  readonly dims: readonly Int[];
  readonly dataType?: number;
  readonly segment?: Uint8Array;
  readonly floatData: readonly number[];
  readonly int32Data: readonly number[];
  readonly stringData: readonly Uint8Array[];
  readonly int64Data: readonly Int[];
  readonly name?: string;
  readonly rawData?: Uint8Array;
  readonly doubleData: readonly number[];
  readonly uint64Data: readonly Int[];
  readonly externalData: readonly { readonly key?: string; readonly value?: string }[];
  readonly dataLocation?: number;
}

export interface ValueInfoProto<Int = bigint> {
  readonly name?: string;
  readonly type?: {
    readonly tensorType?: {
      readonly elemType?: number;
      readonly shape?: { readonly dim: readonly { readonly dimValue?: Int; readonly dimParam?: string }[] };
    };
    readonly sequenceType?: Uint8Array;
    readonly mapType?: Uint8Array;
    readonly opaqueType?: Uint8Array;
    readonly sparseTensorType?: Uint8Array;
    readonly optionalType?: Uint8Array;
  };
}
