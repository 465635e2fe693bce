import type { TensorDatatype, TensorSpec } from '@openimo/domain';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { decodeTensors, encodeTensors, type TensorData } from '../tensor/tensor-codec.js';

/** Canonical input bytes to canonical output bytes. Blocks the thread while it runs. */
export type RunModel = (input: Uint8Array) => Promise<Uint8Array>;

export interface Signature {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
}

const ORT_TYPES: Readonly<Record<TensorDatatype, Tensor.Type>> = {
  BOOL: 'bool',
  UINT8: 'uint8',
  INT8: 'int8',
  INT32: 'int32',
  INT64: 'int64',
  FP32: 'float32',
};

/** One thread and sequential: the same settings wherever a model is run. */
const SETTINGS: InferenceSession.SessionOptions = {
  executionProviders: ['cpu'],
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  logSeverityLevel: 3,
};

/** Loads a model that has been inspected. */
export async function openSession(bytes: Uint8Array, { inputs, outputs }: Signature): Promise<RunModel> {
  const session = await InferenceSession.create(bytes, SETTINGS);
  const outputNames = outputs.map(({ name }) => name);
  return async (input) => {
    const tensors = decodeTensors(input, inputs);
    const feeds = inputs.map(({ name, datatype, shape }, index) => [
      name,
      new Tensor(ORT_TYPES[datatype], tensors[index] as Uint8Array, [...shape]),
    ]);
    const results = await session.run(Object.fromEntries(feeds), outputNames);
    return encodeTensors(
      outputs.map((spec) => checkedData(results[spec.name], spec)),
      outputs,
    );
  };
}

/** Canonical bytes of inputs to those of outputs, by name. */
export type RunByName = (inputs: ReadonlyMap<string, Uint8Array>) => Promise<ReadonlyMap<string, Uint8Array>>;

/**
 * Loads a model of ours whose outputs are its inputs again: integers all of them, and nothing is copied in between.
 *
 * @throws Error for a model with other tensors
 */
export async function openStepSession(bytes: Uint8Array, { inputs, outputs }: Signature): Promise<RunByName> {
  const session = await InferenceSession.create(bytes, SETTINGS);
  if (outputs.some(({ datatype }) => !['UINT8', 'INT8', 'INT32'].includes(datatype)))
    throw new Error('not of integers');
  const names = outputs.map(({ name }) => name);
  return async (values) => {
    const feeds = inputs.map(({ name, datatype, shape }) => {
      const { buffer, byteOffset, byteLength } = values.get(name) as Uint8Array<ArrayBuffer>;
      const data = { UINT8: Uint8Array, INT8: Int8Array, INT32: Int32Array }[datatype as 'UINT8'];
      const elements = new data(buffer, byteOffset, byteLength / data.BYTES_PER_ELEMENT);
      return [name, new Tensor(ORT_TYPES[datatype], elements, [...shape])] as const;
    });
    const results = await session.run(Object.fromEntries(feeds), names);
    return new Map(
      outputs.map((spec) => {
        const { buffer, byteOffset, byteLength } = checkedData(results[spec.name], spec);
        return [spec.name, new Uint8Array(buffer, byteOffset, byteLength)];
      }),
    );
  };
}

function checkedData(tensor: Tensor | undefined, spec: TensorSpec): TensorData {
  const found = `${tensor?.type} [${tensor?.dims.join(', ')}]`;
  const declared = `${ORT_TYPES[spec.datatype]} [${spec.shape.join(', ')}]`;
  if (tensor === undefined || found !== declared) {
    throw new Error(`Output "${spec.name}" is ${found} and not ${declared} as the file declares.`);
  }
  return tensor.data as TensorData;
}
