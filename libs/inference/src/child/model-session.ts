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

/** Loads a model that has been inspected. One thread and sequential: the same settings wherever a model is run. */
export async function openSession(bytes: Uint8Array, { inputs, outputs }: Signature): Promise<RunModel> {
  const session = await InferenceSession.create(bytes, {
    executionProviders: ['cpu'],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    logSeverityLevel: 3,
  });
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

function checkedData(tensor: Tensor | undefined, spec: TensorSpec): TensorData {
  const found = `${tensor?.type} [${tensor?.dims.join(', ')}]`;
  const declared = `${ORT_TYPES[spec.datatype]} [${spec.shape.join(', ')}]`;
  if (tensor === undefined || found !== declared) {
    throw new Error(`Output "${spec.name}" is ${found} and not ${declared} as the file declares.`);
  }
  return tensor.data as TensorData;
}
