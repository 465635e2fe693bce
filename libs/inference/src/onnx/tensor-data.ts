import type { TensorProto } from '@openimo/donnx/onnx';
import { refuse } from './model-refusal.js';

type TypedField = 'floatData' | 'int32Data' | 'int64Data' | 'doubleData' | 'uint64Data';

interface Datatype {
  readonly name: string;
  readonly bytes: number;
  /** Where TensorProto keeps the elements when not in raw_data. */
  readonly field: TypedField;
  /** Bit pattern of -0, for the types that have one. */
  readonly negativeZero?: bigint;
}

/** The element types we accept anywhere in a graph, by their number in TensorProto.DataType. */
export const DATATYPES: Readonly<Record<number, Datatype>> = {
  1: { name: 'FLOAT', bytes: 4, field: 'floatData', negativeZero: 1n << 31n },
  2: { name: 'UINT8', bytes: 1, field: 'int32Data' },
  3: { name: 'INT8', bytes: 1, field: 'int32Data' },
  4: { name: 'UINT16', bytes: 2, field: 'int32Data' },
  5: { name: 'INT16', bytes: 2, field: 'int32Data' },
  6: { name: 'INT32', bytes: 4, field: 'int32Data' },
  7: { name: 'INT64', bytes: 8, field: 'int64Data' },
  9: { name: 'BOOL', bytes: 1, field: 'int32Data' },
  10: { name: 'FLOAT16', bytes: 2, field: 'int32Data', negativeZero: 1n << 15n },
  11: { name: 'DOUBLE', bytes: 8, field: 'doubleData', negativeZero: 1n << 63n },
  12: { name: 'UINT32', bytes: 4, field: 'uint64Data' },
  13: { name: 'UINT64', bytes: 8, field: 'uint64Data' },
  16: { name: 'BFLOAT16', bytes: 2, field: 'int32Data', negativeZero: 1n << 15n },
};

const TYPED_FIELDS: readonly TypedField[] = ['floatData', 'int32Data', 'int64Data', 'doubleData', 'uint64Data'];

/**
 * Refuses a tensor that lives outside the file, asks for more memory than `maxBytes`, or does not hold exactly the
 * elements its shape declares. `where` names it in messages. Returns its number of elements.
 */
export function checkTensor(tensor: TensorProto, where: string, maxBytes: number): number {
  if (tensor.externalData.length > 0 || (tensor.dataLocation ?? 0) !== 0) {
    const location = tensor.externalData.find(({ key }) => key === 'location')?.value ?? '';
    refuse(
      'ExternalDataNotAllowed',
      `${where} keeps its data in another file (${JSON.stringify(location)}). Save the model as one file, with ` +
        'onnx.save(model, path, save_as_external_data=False).',
      { where, location },
    );
  }
  if (tensor.segment !== undefined) {
    refuse('ModelMalformed', `${where} is stored in segments. Save the model with a current ONNX release.`, { where });
  }
  const datatype = DATATYPES[tensor.dataType ?? 0];
  if (datatype === undefined || tensor.stringData.length > 0) {
    const names = Object.values(DATATYPES).map(({ name }) => name);
    refuse(
      'DatatypeNotAllowed',
      `${where} has ONNX datatype ${tensor.dataType ?? 0}. Use one of ${names.join(', ')}.`,
      { where, datatype: tensor.dataType ?? 0 },
    );
  }
  const elements = elementsOf(tensor.dims, where);
  const bytes = elements * BigInt(datatype.bytes);
  if (bytes > BigInt(maxBytes)) refuseTooLarge(where, bytes, maxBytes);
  checkDataLength(tensor, datatype, elements, where);
  return Number(elements);
}

export function refuseTooLarge(where: string, bytes: bigint, maxBytes: number): never {
  refuse('TensorTooLarge', `${where} takes ${bytes} bytes; the limit is ${maxBytes}. Make it smaller.`, {
    where,
    bytes: bytes.toString(),
    maxBytes,
  });
}

/** Product of the dimensions, exact. Refuses negative ones. */
export function elementsOf(dims: readonly bigint[], where: string): bigint {
  return dims.reduce((product, dim) => {
    if (dim < 0n) refuse('ModelMalformed', `${where} has a negative dimension, ${dim}.`, { where });
    return product * dim;
  }, 1n);
}

/** The elements row-major and little-endian, floating -0 written as +0. Only for tensors that passed checkTensor. */
export function canonicalTensorBytes(tensor: TensorProto): Uint8Array {
  const datatype = DATATYPES[tensor.dataType ?? 0] as Datatype;
  const bytes = tensor.rawData ?? typedBytes(tensor, datatype);
  return datatype.negativeZero === undefined ? bytes : withoutNegativeZero(bytes, datatype);
}

/** The elements as integers, or undefined for a tensor that is not INT32 or INT64. */
export function integerElements(tensor: TensorProto): bigint[] | undefined {
  if (tensor.dataType !== 6 && tensor.dataType !== 7) return undefined;
  const bytes = canonicalTensorBytes(tensor);
  const view = viewOf(bytes);
  const width = tensor.dataType === 6 ? 4 : 8;
  return Array.from({ length: bytes.length / width }, (_, index) =>
    width === 4 ? BigInt(view.getInt32(4 * index, true)) : view.getBigInt64(8 * index, true),
  );
}

function checkDataLength(tensor: TensorProto, datatype: Datatype, elements: bigint, where: string): void {
  const typedFields = TYPED_FIELDS.filter((field) => tensor[field].length > 0);
  const foreign = typedFields.filter((field) => field !== datatype.field);
  const twice = tensor.rawData !== undefined && typedFields.length > 0;
  const found = tensor.rawData === undefined ? tensor[datatype.field].length : tensor.rawData.length / datatype.bytes;
  if (foreign.length > 0 || twice || BigInt(Math.ceil(found)) !== elements || !Number.isInteger(found)) {
    refuse(
      'TensorDataMismatch',
      `${where} declares ${elements} elements of ${datatype.name} and holds ${found}` +
        `${foreign.length > 0 || twice ? ', partly in a field of another type' : ''}. Export the model again.`,
      { where, declared: elements.toString(), found },
    );
  }
}

function typedBytes(tensor: TensorProto, { bytes: width, field }: Datatype): Uint8Array {
  const values = tensor[field];
  const bytes = new Uint8Array(values.length * width);
  const view = viewOf(bytes);
  values.forEach((value, index) => {
    const offset = index * width;
    if (field === 'floatData') view.setFloat32(offset, Number(value), true);
    else if (field === 'doubleData') view.setFloat64(offset, Number(value), true);
    else if (width === 8) view.setBigUint64(offset, BigInt.asUintN(64, BigInt(value)), true);
    else if (width === 4) view.setUint32(offset, Number(BigInt.asUintN(32, BigInt(value))), true);
    else if (width === 2) view.setUint16(offset, Number(value), true);
    else view.setUint8(offset, Number(value));
  });
  return bytes;
}

function withoutNegativeZero(bytes: Uint8Array, { bytes: width, negativeZero = 0n }: Datatype): Uint8Array {
  const copy = new Uint8Array(bytes);
  const sign = Number(negativeZero >> BigInt(8 * (width - 1)));
  for (let offset = 0; offset < copy.length; offset += width) {
    if (copy[offset + width - 1] !== sign) continue;
    if (copy.subarray(offset, offset + width - 1).every((byte) => byte === 0)) copy[offset + width - 1] = 0;
  }
  return copy;
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
