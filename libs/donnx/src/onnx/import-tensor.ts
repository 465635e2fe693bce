import { datatypeBytes } from '@openimo/domain';
import { refuse } from '../error/refuse.js';
import { canonicalBytes, tensorFromBytes } from '../tensor/canonical.js';
import {
  allocate,
  datatypeOfCode,
  MAX_TENSOR_BYTES,
  productOf,
  tensorOf,
  type Scalar,
  type Tensor,
} from '../tensor/tensor.js';
import { type Integer, toBigInt } from './onnx-messages.js';
import type { TensorProto } from './onnx-schema.js';

/** A tensor stored in the file. `where` names it in refusals. */
export function importTensor(message: TensorProto<Integer>, where: string): Tensor {
  const datatype = datatypeOfCode(message.dataType);
  if (datatype === undefined) {
    refuse(
      'DatatypeNotAllowed',
      `${where} has the ONNX datatype ${message.dataType}. Use FLOAT, UINT8, INT8, INT32, INT64 or BOOL.`,
      { where },
    );
  }
  if (message.externalData.length > 0 || message.dataLocation === 1 || Object.hasOwn(message, 'segment')) {
    refuse('ModelMalformed', `${where} is stored outside the file. Save the model with its weights inside.`, { where });
  }
  const dims = importDims(message.dims, where);
  checkSize(datatype, dims, where);
  const tensor = Object.hasOwn(message, 'rawData')
    ? fromRaw(message, datatype, dims, where)
    : fromLists(message, datatype, dims, where);
  // Weights with -0 or NaN never reach a computation: canonical from the start.
  return tensorFromBytes(datatype, dims, canonicalBytes(tensor, where));
}

/** Positive dimensions; a tensor without elements has no place in the profile. */
export function importDims(dims: readonly Integer[], where: string): number[] {
  return dims.map((dim) => {
    const size = toBigInt(dim);
    if (size < 1n || size > 2n ** 31n) {
      refuse('ShapeNotStatic', `${where} has a dimension of ${size}. Give every dimension a fixed positive size.`, {
        where,
      });
    }
    return Number(size);
  });
}

/** Refuses a tensor that the profile has no room for. */
function checkSize(datatype: Tensor['datatype'], dims: readonly number[], where: string): void {
  const bytes = productOf(dims) * datatypeBytes(datatype);
  if (bytes > MAX_TENSOR_BYTES) {
    refuse('TooLarge', `${where} has ${bytes} bytes; a tensor of the profile has at most ${MAX_TENSOR_BYTES}.`, {
      where,
    });
  }
}

function fromRaw(message: TensorProto<Integer>, datatype: Tensor['datatype'], dims: number[], where: string): Tensor {
  const raw = message.rawData as Uint8Array;
  const data = allocate(datatype, productOf(dims));
  if (
    raw.length !== data.byteLength ||
    message.floatData.length + message.int32Data.length + message.int64Data.length
  ) {
    refuse('ModelMalformed', `${where} has ${raw.length} bytes of data and needs ${data.byteLength}.`, { where });
  }
  new Uint8Array(data.buffer).set(raw);
  return { datatype, dims, data };
}

function fromLists(message: TensorProto<Integer>, datatype: Tensor['datatype'], dims: number[], where: string): Tensor {
  const { floatData, int32Data, int64Data } = message;
  const values: readonly Scalar[] =
    datatype === 'FP32' ? floatData : datatype === 'INT64' ? int64Data.map(toBigInt) : int32Data;
  const stored = floatData.length + int32Data.length + int64Data.length;
  if (values.length !== productOf(dims) || stored !== values.length) {
    refuse('ModelMalformed', `${where} has ${stored} elements and needs ${productOf(dims)}.`, { where });
  }
  const tensor = tensorOf(datatype, dims, values);
  if (datatype !== 'FP32' && values.some((value, index) => tensor.data[index] !== value)) {
    refuse('ModelMalformed', `${where} has elements outside of ${datatype}.`, { where });
  }
  return tensor;
}
