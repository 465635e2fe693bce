import { readFileSync } from 'node:fs';
import { DomainError, totalTensorBytes, type TensorSpec } from '@openimo/domain';
import { modelFile, type ExampleModel } from '../example-model.js';

export interface DigitExample {
  /** 8×8 pixels row by row, 0 (paper) to 16 (ink): the model's input bytes. */
  readonly pixels: Uint8Array;
  readonly label: number;
}

export interface DigitAnswer {
  readonly label: number;
  /** One score per digit; the label is the first maximum. */
  readonly logits: readonly number[];
}

const PIXELS = 64;
const CLASSES = 10;
const RECORD_BYTES = 1 + PIXELS;
const LABEL_BYTES = 8;

const inputs: readonly TensorSpec[] = [{ name: 'pixels', datatype: 'UINT8', shape: [1, PIXELS] }];
const outputs: readonly TensorSpec[] = [
  { name: 'label', datatype: 'INT64', shape: [1] },
  { name: 'logits', datatype: 'INT32', shape: [1, CLASSES] },
];

let heldBack: readonly DigitExample[] | undefined;

/**
 * A classifier of handwritten digits in bit-exact integer arithmetic. See its card for data, accuracy and limits.
 *
 * @example
 * const { label } = digits.decode(await runner.run(sha256, digits.heldBack()[0].pixels));
 */
export const digits: ExampleModel<DigitExample, DigitAnswer> = {
  name: 'digits',
  modelPath: modelFile('digits/digits.onnx'),
  cardPath: modelFile('digits/card.md'),
  license: 'MIT',
  inputs,
  outputs,
  inputBytes: totalTensorBytes(inputs),
  outputBytes: totalTensorBytes(outputs),
  heldBack: () => (heldBack ??= readHeldBack()),
  decode: decodeDigits,
};

function decodeDigits(output: Uint8Array): DigitAnswer {
  const expected = totalTensorBytes(outputs);
  if (output.length !== expected) {
    throw new DomainError('WrongOutputLength', `A digits answer has ${expected} bytes, this one ${output.length}.`, {
      data: { expected, actual: output.length },
    });
  }
  const view = new DataView(output.buffer, output.byteOffset, output.byteLength);
  return {
    label: Number(view.getBigInt64(0, true)),
    logits: Array.from({ length: CLASSES }, (_, digit) => view.getInt32(LABEL_BYTES + 4 * digit, true)),
  };
}

function readHeldBack(): DigitExample[] {
  const bytes = readFileSync(modelFile('digits/heldback.bin'));
  return Array.from({ length: bytes.length / RECORD_BYTES }, (_, index) => {
    const record = bytes.subarray(index * RECORD_BYTES, (index + 1) * RECORD_BYTES);
    return { label: record[0] as number, pixels: Uint8Array.from(record.subarray(1)) };
  });
}
