import { InferenceSession, Tensor } from 'onnxruntime-node';
import { digitsCnn } from '@openimo/models';

const IMAGE = digitsCnn.inputs[0]!.shape;

/**
 * What onnxruntime itself answers, without anything of ours in between.
 * @returns the label (int64) and the logits (float32), little-endian, one after another
 */
export async function createDirectRun(modelPath: string): Promise<(pixels: Uint8Array) => Promise<Uint8Array>> {
  const session = await InferenceSession.create(modelPath, { intraOpNumThreads: 1 });
  const [input] = session.inputNames;
  return async (pixels) => {
    const outputs = await session.run({ [input!]: new Tensor('uint8', pixels, IMAGE) });
    const parts = session.outputNames.map((name) => {
      const { data } = outputs[name]!;
      const { buffer, byteOffset, byteLength } = data as BigInt64Array;
      return new Uint8Array(buffer, byteOffset, byteLength);
    });
    return Buffer.concat(parts);
  };
}
