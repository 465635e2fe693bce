import { datatypeBytes, type TensorDatatype } from '@openimo/domain';
import { refuse } from '../error/refuse.js';
import { productOf, typedView, type Scalar, type Tensor, type TypedArray } from './tensor.js';

/**
 * Canonical bytes: row-major, little-endian, -0 written as +0, BOOL as 0 or 1. Refuses NaN and infinities, which the
 * profile has no place for. `where` names the tensor in the refusal.
 */
export function canonicalBytes({ datatype, data }: Pick<Tensor, 'datatype' | 'data'>, where: string): Uint8Array {
  const bytes = new Uint8Array(data.byteLength);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  if (datatype === 'FP32') canonicaliseFloats(new Float32Array(bytes.buffer), where);
  if (datatype === 'BOOL' && bytes.some((byte) => byte > 1)) {
    refuse('ModelMalformed', `${where} holds a BOOL that is neither 0 nor 1.`, { where });
  }
  return bytes;
}

function canonicaliseFloats(floats: Float32Array, where: string): void {
  for (let index = 0; index < floats.length; index++) {
    const value = floats[index] as number;
    if (value === 0) floats[index] = 0;
    else if (!Number.isFinite(value)) {
      refuse('NotFinite', `${where} holds ${value} at element ${index}.`, { where, index });
    }
  }
}

/** The tensor behind canonical bytes. Copies only when `bytes` is not aligned for the element type. */
export function tensorFromBytes(datatype: TensorDatatype, dims: readonly number[], bytes: Uint8Array): Tensor {
  const size = datatypeBytes(datatype);
  const aligned = bytes.byteOffset % size === 0 ? bytes : bytes.slice();
  return { datatype, dims, data: typedView(datatype, aligned.buffer, aligned.byteOffset, productOf(dims)) };
}

/** Reads one element from little-endian bytes. */
export function readScalar(view: DataView, byteOffset: number, datatype: TensorDatatype): Scalar {
  switch (datatype) {
    case 'BOOL':
    case 'UINT8':
      return view.getUint8(byteOffset);
    case 'INT8':
      return view.getInt8(byteOffset);
    case 'INT32':
      return view.getInt32(byteOffset, true);
    case 'INT64':
      return view.getBigInt64(byteOffset, true);
    case 'FP32':
      return view.getFloat32(byteOffset, true);
  }
}

/** The canonical bytes of one element. */
export function scalarBytes(value: Scalar, datatype: TensorDatatype): Uint8Array {
  const view = new DataView(new ArrayBuffer(datatypeBytes(datatype)));
  switch (datatype) {
    case 'BOOL':
    case 'UINT8':
      view.setUint8(0, Number(value));
      break;
    case 'INT8':
      view.setInt8(0, Number(value));
      break;
    case 'INT32':
      view.setInt32(0, Number(value), true);
      break;
    case 'INT64':
      view.setBigInt64(0, BigInt(value), true);
      break;
    case 'FP32':
      view.setFloat32(0, Number(value) + 0, true);
      break;
  }
  return new Uint8Array(view.buffer);
}

/** `bytes` as elements of `datatype` such that `byteOffset` falls on an element. Copies only when misaligned in memory. */
export function viewBytes(
  bytes: Uint8Array,
  byteOffset: number,
  datatype: TensorDatatype,
): {
  readonly data: TypedArray;
  /** The element of `data` at `byteOffset`; may be negative or beyond, as offsets are before strides are added. */
  readonly first: number;
} {
  const size = datatypeBytes(datatype);
  const residue = ((byteOffset % size) + size) % size;
  const start = bytes.byteOffset + residue;
  const elements = Math.floor((bytes.byteLength - residue) / size);
  if (start % size === 0) {
    return { data: typedView(datatype, bytes.buffer, start, elements), first: (byteOffset - residue) / size };
  }
  const copy = bytes.slice(residue, residue + elements * size);
  return { data: typedView(datatype, copy.buffer, 0, elements), first: (byteOffset - residue) / size };
}
