import {
  type Field,
  isRepeated,
  type MessageName,
  type ModelProto,
  ONNX_SCHEMA,
  type ScalarType,
} from '@openimo/donnx/onnx';
import { WireError, WireReader, WireType } from './wire-reader.js';

type Message = Record<string, unknown>;

/**
 * Decodes an ONNX file, strictly. Protobuf lets two readers see two things in the same bytes: a field that may occur
 * once but occurs twice is merged by one library and replaced by another, and unknown fields are skipped. What we
 * check must be what onnxruntime runs, so both are refused here with a WireError. Subgraphs stay undecoded.
 */
export function decodeOnnx(bytes: Uint8Array): ModelProto {
  return decodeMessage('ModelProto', bytes) as unknown as ModelProto;
}

// The messages listed in ONNX_SCHEMA do not nest into themselves, so recursion ends by construction.
function decodeMessage(messageName: MessageName, bytes: Uint8Array): Message {
  const fields = ONNX_SCHEMA[messageName];
  const message: Message = {};
  for (const field of Object.values(fields)) if (isRepeated(field)) message[field.name] = [];

  const reader = new WireReader(bytes);
  while (!reader.atEnd) {
    const { field: number, wireType } = reader.tag();
    const field = fields[number];
    if (field === undefined) throw new WireError(`${messageName} has a field ${number} that ONNX 1.19 does not know`);
    if (isRepeated(field)) {
      readRepeated(reader, field, wireType, message[field.name] as unknown[], messageName);
    } else {
      if (field.name in message) throw new WireError(`${messageName} has its field ${field.name} twice`);
      message[field.name] = readOne(reader, field, wireType, messageName);
    }
  }
  return message;
}

function readRepeated(
  reader: WireReader,
  field: Field,
  wireType: number,
  values: unknown[],
  messageName: MessageName,
): void {
  const packed = wireType === WireType.Bytes && wireTypeOf(field.type) !== WireType.Bytes;
  if (!packed) {
    values.push(readOne(reader, field, wireType, messageName));
    return;
  }
  const elements = new WireReader(reader.bytes());
  const elementType = wireTypeOf(field.type);
  while (!elements.atEnd) values.push(readOne(elements, field, elementType, messageName));
}

function readOne(reader: WireReader, field: Field, wireType: number, messageName: MessageName): unknown {
  if (wireType !== wireTypeOf(field.type)) {
    throw new WireError(`${messageName}.${field.name} has wire type ${wireType}`);
  }
  if (field.type in ONNX_SCHEMA) return decodeMessage(field.type as MessageName, reader.bytes());
  return readScalar(reader, field.type as ScalarType);
}

function readScalar(reader: WireReader, type: ScalarType): unknown {
  switch (type) {
    case 'int32':
      return Number(BigInt.asIntN(32, reader.varint()));
    case 'int64':
      return BigInt.asIntN(64, reader.varint());
    case 'uint64':
      return reader.varint();
    case 'float':
      return reader.float();
    case 'double':
      return reader.double();
    case 'string':
      return reader.string();
    case 'bytes':
    case 'opaque':
      return reader.bytes();
  }
}

function wireTypeOf(type: Field['type']): number {
  switch (type) {
    case 'int32':
    case 'int64':
    case 'uint64':
      return WireType.Varint;
    case 'float':
      return WireType.Fixed32;
    case 'double':
      return WireType.Fixed64;
    default:
      return WireType.Bytes;
  }
}
