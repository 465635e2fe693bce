import { readFile } from 'node:fs/promises';
import { DomainError, type ModelDescription, type ModelStoreErrorCode, type Sha256 } from '@openimo/domain';
import { inspectModel, type InspectLimits } from '../onnx/inspect-model.js';
import { toErrorMessage, type ErrorMessage } from '../process/error-message.js';
import { openSession, type RunModel } from './model-session.js';
import { reply, startChild } from './start-child.js';

export type RunRequest =
  | { readonly type: 'load'; readonly path: string; readonly sha256: Sha256; readonly limits: InspectLimits }
  | { readonly type: 'run'; readonly input: Uint8Array };

export type RunReply =
  | { readonly type: 'loaded'; readonly description: ModelDescription }
  | { readonly type: 'output'; readonly output: Uint8Array }
  | { readonly type: 'failed'; readonly error: ErrorMessage };

let run: RunModel | undefined;

startChild<RunRequest>(async (request) => {
  reply(request.type === 'load' ? await load(request) : await answer(request.input));
});

async function load({ path, sha256, limits }: RunRequest & { type: 'load' }): Promise<RunReply> {
  try {
    const bytes = await readFile(path);
    const { inputs, outputs, inputBytes, outputBytes, sha256: actual } = inspectModel(bytes, limits);
    if (actual !== sha256) throw corrupt(sha256, actual);
    run = await openSession(bytes, { inputs, outputs });
    return { type: 'loaded', description: { sha256, inputs, outputs, inputBytes, outputBytes } };
  } catch (error) {
    const { code, message, data } = toErrorMessage(error, 'ModelDoesNotLoad', 'ModelOutOfMemory');
    if (code === 'ModelCorrupt') return { type: 'failed', error: { code, message, data } };
    return { type: 'failed', error: { code: 'ModelDoesNotLoad', message, data: { ...data, reason: code } } };
  }
}

async function answer(input: Uint8Array): Promise<RunReply> {
  try {
    if (run === undefined) throw new Error('no model is loaded');
    return { type: 'output', output: await run(input) };
  } catch (error) {
    return { type: 'failed', error: toErrorMessage(error, 'RunFailed', 'RunOutOfMemory') };
  }
}

function corrupt(sha256: Sha256, actual: Sha256): DomainError<ModelStoreErrorCode> {
  return new DomainError(
    'ModelCorrupt',
    `The stored model ${sha256} has changed on disk. Store it again from its source.`,
    { data: { sha256, actual } },
  );
}
