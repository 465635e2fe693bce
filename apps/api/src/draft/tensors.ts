import { DomainError, type TensorSpec } from '@openimo/domain';
import { decodeTensors, encodeTensors, type TensorData } from '@openimo/inference';
import type { TensorInput, TensorOutput } from './draft.types.js';

export type TestInputErrorCode = 'TestInputInvalid';

const invalid = (message: string) => new DomainError<TestInputErrorCode>('TestInputInvalid', message);

/**
 * The canonical bytes of all inputs in the order of the graph.
 * @throws DomainError `TestInputInvalid`, `WrongInputLength`, `WrongTensorLength`
 */
export function toBytes(inputs: readonly TensorInput[], specs: readonly TensorSpec[]): Uint8Array {
  const names = specs.map(({ name }) => name);
  for (const { name } of inputs) {
    if (!names.includes(name)) throw invalid(`The model has no input "${name}". It takes "${names.join('", "')}".`);
  }
  const tensors = specs.map((spec) => {
    const input = inputs.find(({ name }) => name === spec.name);
    if (input === undefined) throw invalid(`The input "${spec.name}" is missing.`);
    return dataOf(input, spec);
  });
  return encodeTensors(tensors, specs);
}

export function toTensors(bytes: Uint8Array, specs: readonly TensorSpec[]): TensorOutput[] {
  return decodeTensors(bytes, specs).map((data, index) => {
    const { name, datatype, shape } = specs[index]!;
    const { buffer, byteOffset, byteLength } = data;
    return {
      name,
      datatype,
      shape: [...shape],
      data: `0x${Buffer.from(buffer, byteOffset, byteLength).toString('hex')}`,
      values: Array.from(data as ArrayLike<number | bigint>, finite),
    };
  });
}

function dataOf({ name, data, values }: TensorInput, spec: TensorSpec): TensorData {
  if ((data == null) === (values == null)) throw invalid(`Give the input "${name}" either data or values.`);
  if (data != null) return decodeTensors(Buffer.from(data.slice(2), 'hex'), [spec])[0]!;
  if (spec.datatype !== 'FP32' && values!.some((value) => !Number.isSafeInteger(value))) {
    throw invalid(`The elements of "${name}" must be whole numbers. Larger ones go into data.`);
  }
  const typed = typedOf(spec, values!);
  if (spec.datatype !== 'FP32' && values!.some((value, index) => Number(typed[index]) !== value)) {
    throw invalid(`An element of "${name}" is not in the range of ${spec.datatype}.`);
  }
  return typed;
}

function typedOf({ datatype }: TensorSpec, values: readonly number[]): TensorData {
  switch (datatype) {
    case 'BOOL':
    case 'UINT8':
      return Uint8Array.from(values);
    case 'INT8':
      return Int8Array.from(values);
    case 'INT32':
      return Int32Array.from(values);
    case 'INT64':
      return BigInt64Array.from(values, BigInt);
    case 'FP32':
      return Float32Array.from(values);
  }
}

/** JSON has neither infinity nor NaN; `data` has them. */
function finite(value: number | bigint): number {
  return Number.isFinite(Number(value)) ? Number(value) : 0;
}
