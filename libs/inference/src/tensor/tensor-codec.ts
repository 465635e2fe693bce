import { endianness } from 'node:os';
import { DomainError, tensorBytes, tensorElements, totalTensorBytes, type TensorSpec } from '@openimo/domain';

export type TensorData = Uint8Array | Int8Array | Int32Array | BigInt64Array | Float32Array;

export type TensorCodecErrorCode = 'WrongInputLength' | 'WrongTensorLength';

const CANONICAL_NAN = 0x7fc0_0000;
const SIGN_BIT = 0x8000_0000;
const INFINITY_BITS = 0x7f80_0000;

/**
 * Cuts canonical bytes (see encodeTensors) into one typed array per tensor, in order. The arrays are copies. BOOL is
 * one byte per element. Throws `WrongInputLength`.
 */
export function decodeTensors(bytes: Uint8Array, specs: readonly TensorSpec[]): TensorData[] {
  const expected = totalTensorBytes(specs);
  if (bytes.length !== expected) {
    throw new DomainError<TensorCodecErrorCode>(
      'WrongInputLength',
      `The model takes ${expected} bytes (${specs.map(describeSpec).join(', ')}); these are ${bytes.length}.`,
      { data: { expected, actual: bytes.length } },
    );
  }
  let offset = 0;
  return specs.map((spec) => {
    const end = offset + tensorBytes(spec);
    // Not slice: that of a Buffer is no copy.
    const part = new Uint8Array(bytes.subarray(offset, end));
    offset = end;
    return asTyped(part, spec);
  });
}

/**
 * Canonical bytes of tensors, one after another: row-major, little-endian, without padding. Floating -0 becomes +0 and
 * every NaN the quiet NaN 0x7fc00000, since neither sign nor payload of those is the same on all machines; a BOOL is
 * 0 or 1. Throws `WrongTensorLength` when an array has not the elements of its spec.
 */
export function encodeTensors(tensors: readonly TensorData[], specs: readonly TensorSpec[]): Uint8Array {
  const bytes = new Uint8Array(totalTensorBytes(specs));
  let offset = 0;
  specs.forEach((spec, index) => {
    const data = tensors[index];
    if (data === undefined || data.byteLength !== tensorBytes(spec)) {
      throw new DomainError<TensorCodecErrorCode>(
        'WrongTensorLength',
        `${describeSpec(spec)} has ${tensorElements(spec)} elements; ${data?.length ?? 'none'} were given.`,
        { data: { tensor: spec.name, expected: tensorElements(spec), actual: data?.length ?? 0 } },
      );
    }
    const part = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    bytes.set(part, offset);
    canonicalise(bytes.subarray(offset, offset + part.length), spec);
    offset += part.length;
  });
  return bytes;
}

function asTyped({ buffer }: Uint8Array<ArrayBuffer>, { datatype }: TensorSpec): TensorData {
  // Typed arrays have the machine's byte order; every machine Node runs on today is little-endian but s390x.
  if (endianness() !== 'LE') throw new Error('Tensors can only be read on a little-endian machine.');
  switch (datatype) {
    case 'BOOL':
    case 'UINT8':
      return new Uint8Array(buffer);
    case 'INT8':
      return new Int8Array(buffer);
    case 'INT32':
      return new Int32Array(buffer);
    case 'INT64':
      return new BigInt64Array(buffer);
    case 'FP32':
      return new Float32Array(buffer);
  }
}

function canonicalise(bytes: Uint8Array, { datatype }: TensorSpec): void {
  if (datatype === 'BOOL') bytes.forEach((value, index) => (bytes[index] = value === 0 ? 0 : 1));
  if (datatype !== 'FP32') return;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let offset = 0; offset < bytes.length; offset += 4) {
    const bits = view.getUint32(offset, true);
    if (bits === SIGN_BIT) view.setUint32(offset, 0, true);
    else if ((bits & ~SIGN_BIT) >>> 0 > INFINITY_BITS) view.setUint32(offset, CANONICAL_NAN, true);
  }
}

function describeSpec({ name, datatype, shape }: TensorSpec): string {
  return `${name} ${datatype} [${shape.join(', ')}]`;
}
