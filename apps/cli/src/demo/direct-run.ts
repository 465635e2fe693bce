import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { TensorSpec } from '@openimo/domain';

/**
 * What onnxruntime itself answers, without anything of ours in between.
 *
 * @param model one that reads a single UINT8 tensor
 * @returns its outputs, little-endian, one after another
 */
export async function createDirectRun(model: {
  readonly modelPath: string;
  readonly inputs: readonly TensorSpec[];
}): Promise<(input: Uint8Array) => Promise<Uint8Array>> {
  const session = await InferenceSession.create(model.modelPath, { intraOpNumThreads: 1 });
  const [{ name, shape }] = model.inputs as [TensorSpec];
  return async (input) => {
    const outputs = await session.run({ [name]: new Tensor('uint8', input, shape) });
    const parts = session.outputNames.map((name) => {
      const { data } = outputs[name]!;
      const { buffer, byteOffset, byteLength } = data as BigInt64Array;
      return new Uint8Array(buffer, byteOffset, byteLength);
    });
    return Buffer.concat(parts);
  };
}
