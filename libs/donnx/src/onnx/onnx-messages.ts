import protobuf from 'protobufjs';
import { type Field, isRepeated, type ModelProto, ONNX_SCHEMA } from './onnx-schema.js';

/** For `protobufjs`: the messages of `ONNX_SCHEMA`. What is opaque there is bytes. */
const { root } = protobuf.parse(`syntax = "proto3"; ${Object.entries(ONNX_SCHEMA).map(describeMessage).join(' ')}`, {
  keepCase: true,
});

export const ModelType = root.resolveAll().lookupType('ModelProto');

/** How protobufjs gives 64-bit integers, with the package `long` that it depends on. */
export interface Integer {
  readonly low: number;
  readonly high: number;
}

export type ModelMessage = ModelProto<Integer>;

export function toBigInt({ low, high }: Integer): bigint {
  return (BigInt(high) << 32n) | BigInt(low >>> 0);
}

function describeMessage([name, fields]: [string, Readonly<Record<number, Field>>]): string {
  return `message ${name} { ${Object.entries(fields).map(describeField).join(' ')} }`;
}

function describeField([number, field]: [string, Field]): string {
  const label = isRepeated(field) ? 'repeated ' : field.rule === 'optional' ? 'optional ' : '';
  const type = field.type === 'opaque' ? 'bytes' : field.type;
  return `${label}${type} ${field.name} = ${number}${field.rule === 'unpacked' ? ' [packed=false]' : ''};`;
}
