import { DomainError, type Hex, type ModelRunner, type Sha256 } from '@openimo/domain';
import { bytesToHex, hexToBytes } from 'viem';
import type { VersionFacts } from '../protocol/protocol.js';

export type AnswerErrorCode =
  /** The input is not `batchSize` equal items. */
  | 'WrongBatchInput'
  /** The model answers with a length the registry does not allow. */
  | 'WrongOutputLength';

/** Runs every item of a batch, or writes on from a prompt; the outputs are in the order of the items. */
export async function answerBatch(
  runner: ModelRunner,
  model: Sha256,
  io: VersionFacts['io'],
  request: { readonly input: Hex; readonly batchSize: number },
  signal?: AbortSignal,
): Promise<Hex[]> {
  const items = splitBatch(hexToBytes(request.input), request.batchSize);
  const answer = (item: Uint8Array) =>
    io.context === 0
      ? runner.run(model, item, { signal })
      : runner.generate(model, item, { mostNewBytes: io.maxOutput, signal });
  const outputs = await Promise.all(items.map(answer));
  return outputs.map((output, item) => {
    if (output.length >= io.minOutput && output.length <= io.maxOutput) return bytesToHex(output);
    throw new DomainError<AnswerErrorCode>(
      'WrongOutputLength',
      `The model answered item ${item} with ${output.length} bytes; the registry says ${io.minOutput} to ${io.maxOutput}.`,
      { data: { item, length: output.length, ...io } },
    );
  });
}

/** `batchSize` equal parts, one after another. */
export function splitBatch(input: Uint8Array, batchSize: number): Uint8Array[] {
  const size = input.length / batchSize;
  if (!Number.isInteger(batchSize) || batchSize < 1 || !Number.isInteger(size)) {
    throw new DomainError<AnswerErrorCode>(
      'WrongBatchInput',
      `${input.length} bytes are not ${batchSize} items of equal length.`,
      { data: { bytes: input.length, batchSize } },
    );
  }
  return Array.from({ length: batchSize }, (_, item) => input.subarray(item * size, (item + 1) * size));
}
