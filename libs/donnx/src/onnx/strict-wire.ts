import protobuf from 'protobufjs';
import { refuse } from '../error/refuse.js';

const MAX_DEPTH = 16;

/**
 * Refuses bytes in which two protobuf readers may see two things: a field that may occur once but occurs twice is merged
 * by one library and replaced by another, and unknown fields are skipped. A graph root must stand for what onnxruntime
 * runs, so every byte has to be accounted for.
 */
export function checkWire(type: protobuf.Type, bytes: Uint8Array, depth = 0): void {
  if (depth > MAX_DEPTH) refuse('ModelMalformed', 'The file nests its messages too deeply. Export the model again.');
  const reader = protobuf.Reader.create(bytes);
  const seen = new Set<number>();
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    const number = tag >>> 3;
    const field = type.fieldsById[number];
    if (field === undefined) {
      refuse(
        'ModelMalformed',
        `${type.name} has a field ${number} that ONNX 1.19 does not know. Export the model again.`,
      );
    }
    if (!field.repeated && seen.has(number)) {
      refuse('ModelMalformed', `${type.name} has its field ${field.name} twice. Export the model again.`);
    }
    seen.add(number);
    if (field.resolvedType instanceof protobuf.Type) {
      if ((tag & 7) !== 2)
        refuse('ModelMalformed', `${type.name}.${field.name} is not a message. Export the model again.`);
      checkWire(field.resolvedType, reader.bytes(), depth + 1);
    } else {
      reader.skipType(tag & 7);
    }
  }
}
