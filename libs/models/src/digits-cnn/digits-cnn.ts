import { DomainError, totalTensorBytes, type TensorSpec } from '@openimo/domain';
import { digits, type DigitAnswer, type DigitExample } from '../digits/digits.js';
import { modelFile, type ExampleModel } from '../example-model.js';

const CLASSES = 10;
const LABEL_BYTES = 8;

const inputs: readonly TensorSpec[] = [{ name: 'pixels_bytes', datatype: 'UINT8', shape: [1, 1, 8, 8] }];
const outputs: readonly TensorSpec[] = [
  { name: 'label', datatype: 'INT64', shape: [1] },
  { name: 'logits', datatype: 'FP32', shape: [1, CLASSES] },
];

/**
 * A convolutional network that reads handwritten digits: trained in float32, lowered to the bit-exact profile. The same
 * images as those of `digits`, which training held back here too.
 */
export const digitsCnn: ExampleModel<DigitExample, DigitAnswer> = {
  name: 'digits-cnn',
  modelPath: modelFile('digits-cnn/digits-cnn.onnx'),
  cardPath: modelFile('digits-cnn/card.md'),
  license: 'MIT',
  inputs,
  outputs,
  inputBytes: totalTensorBytes(inputs),
  outputBytes: totalTensorBytes(outputs),
  heldBack: () => digits.heldBack(),
  decode: decodeDigit,
};

function decodeDigit(output: Uint8Array): DigitAnswer {
  const expected = totalTensorBytes(outputs);
  if (output.length !== expected) {
    throw new DomainError('WrongOutputLength', `An answer has ${expected} bytes, this one ${output.length}.`, {
      data: { expected, actual: output.length },
    });
  }
  const view = new DataView(output.buffer, output.byteOffset, output.byteLength);
  return {
    label: Number(view.getBigInt64(0, true)),
    logits: Array.from({ length: CLASSES }, (_, digit) => view.getFloat32(LABEL_BYTES + 4 * digit, true)),
  };
}
