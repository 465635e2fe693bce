import { readFileSync } from 'node:fs';
import { DomainError, totalTensorBytes, type TensorSpec } from '@openimo/domain';
import { modelFile, type ExampleModel } from '../example-model.js';

export interface TextExample {
  /** A piece of a source file, filled up with zeros: the model's input bytes. */
  readonly text: Uint8Array;
  /** The byte that follows it in the file. */
  readonly next: number;
}

/** Bytes that the model reads, prompt and what it has written together. */
const CONTEXT = 64;
const RECORD_BYTES = CONTEXT + 1;

const inputs: readonly TensorSpec[] = [{ name: 'text', datatype: 'UINT8', shape: [CONTEXT] }];
const outputs: readonly TensorSpec[] = [{ name: 'next', datatype: 'UINT8', shape: [1] }];

let heldBack: readonly TextExample[] | undefined;

/**
 * Writes Solidity byte by byte: trained in float32, lowered to the bit-exact profile. An answer is the byte that follows
 * the text, 0 for its end; `generateText` of `@openimo/donnx` writes on from a prompt.
 *
 * @example
 * const run = (input) => runner.run(sha256, input);
 * const text = await generateText({ context: gpt.context, run }, new TextEncoder().encode('function '));
 */
export const gpt: ExampleModel<TextExample, number> & { readonly context: number; readonly floatPath: string } = {
  name: 'gpt',
  modelPath: modelFile('gpt/gpt.onnx'),
  cardPath: modelFile('gpt/card.md'),
  /** The float32 original, to compare with. */
  floatPath: modelFile('gpt/gpt.float.onnx'),
  license: 'MIT',
  context: CONTEXT,
  inputs,
  outputs,
  inputBytes: totalTensorBytes(inputs),
  outputBytes: totalTensorBytes(outputs),
  heldBack: () => (heldBack ??= readHeldBack()),
  decode: decodeByte,
};

function decodeByte(output: Uint8Array): number {
  if (output.length !== 1) {
    throw new DomainError('WrongOutputLength', `An answer has 1 byte, this one ${output.length}.`, {
      data: { expected: 1, actual: output.length },
    });
  }
  return output[0] as number;
}

function readHeldBack(): TextExample[] {
  const bytes = readFileSync(modelFile('gpt/heldback.bin'));
  return Array.from({ length: bytes.length / RECORD_BYTES }, (_, at) => {
    const record = Uint8Array.from(bytes.subarray(at * RECORD_BYTES, (at + 1) * RECORD_BYTES));
    return { text: record.subarray(0, CONTEXT), next: record[CONTEXT] as number };
  });
}
