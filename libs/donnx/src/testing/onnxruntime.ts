import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { datatypeBytes, type TensorDatatype, type TensorSpec } from '@openimo/domain';
import { canonicalBytes, tensorFromBytes } from '../tensor/canonical.js';
import { productOf, type Tensor } from '../tensor/tensor.js';

const ORT_TYPES: Readonly<Record<TensorDatatype, string>> = {
  BOOL: 'bool',
  UINT8: 'uint8',
  INT8: 'int8',
  INT32: 'int32',
  INT64: 'int64',
  FP32: 'float32',
};

export type Level = 'disabled' | 'basic' | 'extended' | 'all';

/** A session that returns the canonical bytes of each output, by name. */
export async function openSession(model: Uint8Array, level: Level) {
  const session = await InferenceSession.create(model, {
    graphOptimizationLevel: level,
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 4,
  });
  return async (inputs: readonly TensorSpec[], input: Uint8Array): Promise<Map<string, Uint8Array>> => {
    const answers = await session.run(feedsOf(inputs, input));
    return new Map(
      Object.entries(answers).map(([name, { type, data }]) => {
        const datatype = (Object.keys(ORT_TYPES) as TensorDatatype[]).find((key) => ORT_TYPES[key] === type)!;
        return [name, canonicalBytes({ datatype, data: data as Tensor['data'] }, name)];
      }),
    );
  };
}

function feedsOf(inputs: readonly TensorSpec[], input: Uint8Array): Record<string, OrtTensor> {
  let offset = 0;
  return Object.fromEntries(
    inputs.map(({ name, datatype, shape }) => {
      const bytes = input.slice(offset, (offset += productOf(shape) * datatypeBytes(datatype)));
      const { data } = tensorFromBytes(datatype, shape, bytes);
      return [name, new OrtTensor(ORT_TYPES[datatype] as 'uint8', data as Uint8Array, [...shape])];
    }),
  );
}
