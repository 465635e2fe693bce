import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { tensorFromBytes, type InputEncoding, type Tensor } from '@openimo/donnx';
import { datatypeBytes, DomainError, tensorElements, type TensorDatatype, type TensorSpec } from '@openimo/domain';

/** What a run gave, by the value's name. */
export type Answers = Readonly<Record<string, Tensor>>;

const ORT_TYPES: Readonly<Record<TensorDatatype, OrtTensor.Type>> = {
  BOOL: 'bool',
  UINT8: 'uint8',
  INT8: 'int8',
  INT32: 'int32',
  INT64: 'int64',
  FP32: 'float32',
};

/** Bytes of one example: canonical tensors one after another, FP32 as one byte per number. */
export function exampleBytes(inputs: readonly TensorSpec[]): number {
  return inputs.reduce((sum, input) => sum + inputBytes(input), 0);
}

function inputBytes(input: TensorSpec): number {
  return tensorElements(input) * (input.datatype === 'FP32' ? 1 : datatypeBytes(input.datatype));
}

/**
 * Opens a model in onnxruntime on one thread, in this process: for one's own files on one's own machine.
 *
 * @param encodings what the bytes of FP32 inputs stand for
 */
export async function openModel(
  file: Uint8Array,
  inputs: readonly TensorSpec[],
  encodings: Readonly<Record<string, InputEncoding>> = {},
): Promise<(example: Uint8Array) => Promise<Answers>> {
  const session = await InferenceSession.create(file, { intraOpNumThreads: 1, logSeverityLevel: 4 });
  return async (example) => {
    const feeds: Record<string, OrtTensor> = {};
    let offset = 0;
    for (const input of inputs) {
      const bytes = example.slice(offset, (offset += inputBytes(input)));
      feeds[input.name] = feedOf(input, bytes, encodings[input.name]);
    }
    const answers = await session.run(feeds);
    return Object.fromEntries(Object.entries(answers).map(([name, answer]) => [name, tensorOf(answer)]));
  };
}

function feedOf({ name, datatype, shape }: TensorSpec, bytes: Uint8Array, encoding?: InputEncoding): OrtTensor {
  if (datatype !== 'FP32') {
    const { data } = tensorFromBytes(datatype, shape, bytes);
    return new OrtTensor(ORT_TYPES[datatype] as 'uint8', data as Uint8Array, shape);
  }
  if (!encoding) throw new DomainError('EncodingMissing', `Nothing says what the bytes of input "${name}" stand for.`);
  const scale = Math.fround(encoding.scale);
  return new OrtTensor(
    'float32',
    Float32Array.from(bytes, (byte) => (byte - encoding.zeroPoint) * scale),
    shape,
  );
}

function tensorOf({ type, dims, data }: OrtTensor): Tensor {
  const datatype = (Object.keys(ORT_TYPES) as TensorDatatype[]).find((key) => ORT_TYPES[key] === type);
  if (!datatype) throw new DomainError('DatatypeNotAllowed', `A value is ${type}, which no tensor of ours is.`);
  return { datatype, dims, data: data as Tensor['data'] };
}
