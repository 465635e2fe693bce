import { readFile } from 'node:fs/promises';
import {
  DomainError,
  type ModelDescription,
  type ModelStoreErrorCode,
  type Sha256,
  textContextOf,
} from '@openimo/domain';
import { inspectModel, type InspectLimits } from '../onnx/inspect-model.js';
import { toErrorMessage, type ErrorMessage } from '../process/error-message.js';
import { openSession, type RunModel } from './model-session.js';
import { openWriter, type Writer } from './writer.js';
import { reply, startChild } from './start-child.js';

/** What a loaded model is asked for. */
export type RunTask =
  | { readonly type: 'run'; readonly input: Uint8Array }
  /** All steps of a generation are in here: a message for every byte would take longer than a small model does. */
  | { readonly type: 'generate'; readonly prompt: Uint8Array; readonly mostNewBytes: number };

export type RunRequest =
  { readonly type: 'load'; readonly path: string; readonly sha256: Sha256; readonly limits: InspectLimits } | RunTask;

export type RunReply =
  | { readonly type: 'loaded'; readonly description: ModelDescription }
  | { readonly type: 'output'; readonly output: Uint8Array }
  | { readonly type: 'failed'; readonly error: ErrorMessage };

let loaded: { readonly run: RunModel; readonly writer: Writer | undefined } | undefined;

startChild<RunRequest>(async (request) => {
  reply(request.type === 'load' ? await load(request) : await answer(request));
});

async function load({ path, sha256, limits }: RunRequest & { type: 'load' }): Promise<RunReply> {
  try {
    const bytes = await readFile(path);
    const { inputs, outputs, inputBytes, outputBytes, sha256: actual } = inspectModel(bytes, limits);
    if (actual !== sha256) throw corrupt(sha256, actual);
    const run = await openSession(bytes, { inputs, outputs });
    const context = textContextOf({ inputs, outputs });
    loaded = { run, writer: context === undefined ? undefined : await openWriter(bytes, context, run) };
    return { type: 'loaded', description: { sha256, inputs, outputs, inputBytes, outputBytes } };
  } catch (error) {
    const { code, message, data } = toErrorMessage(error, 'ModelDoesNotLoad', 'ModelOutOfMemory');
    if (code === 'ModelCorrupt') return { type: 'failed', error: { code, message, data } };
    return { type: 'failed', error: { code: 'ModelDoesNotLoad', message, data: { ...data, reason: code } } };
  }
}

async function answer(task: RunTask): Promise<RunReply> {
  try {
    if (loaded === undefined) throw new Error('no model is loaded');
    const { run, writer } = loaded;
    if (task.type === 'run') return { type: 'output', output: await run(task.input) };
    if (writer === undefined) throw new Error('the model does not write text');
    return { type: 'output', output: await writer(task.prompt, task.mostNewBytes) };
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
