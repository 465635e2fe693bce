import { readFile } from 'node:fs/promises';
import { inspectModel, type InspectLimits, type ModelInspection } from '../onnx/inspect-model.js';
import { toErrorMessage, type ErrorMessage } from '../process/error-message.js';
import { reply, startChild } from './start-child.js';

export interface CheckRequest {
  readonly path: string;
  readonly limits: InspectLimits;
}

export interface TestRun {
  readonly loadMs: number;
  readonly runMs: number;
  /** Highest resident memory of the whole checking process, Node and onnxruntime included (about 100 MB). */
  readonly peakRssBytes: number;
}

export type CheckReply =
  | { readonly type: 'report'; readonly inspection: ModelInspection; readonly testRun: TestRun }
  | { readonly type: 'refused'; readonly error: ErrorMessage };

startChild<CheckRequest>(async ({ path, limits }) => {
  let answer: CheckReply;
  try {
    const bytes = await readFile(path);
    const inspection = inspectModel(bytes, limits);
    answer = { type: 'report', inspection, testRun: await testRun(bytes, inspection) };
  } catch (error) {
    answer = { type: 'refused', error: toErrorMessage(error, 'ModelDoesNotRun', 'ModelOutOfMemory') };
  }
  reply(answer);
});

async function testRun(bytes: Uint8Array, inspection: ModelInspection): Promise<TestRun> {
  // Imported late: a file that is refused before this never meets native code.
  const { openSession } = await import('./model-session.js');
  const start = performance.now();
  const run = await openSession(bytes, inspection);
  const loaded = performance.now();
  await run(new Uint8Array(inspection.inputBytes));
  const ended = performance.now();
  return { loadMs: loaded - start, runMs: ended - loaded, peakRssBytes: process.resourceUsage().maxRSS * 1024 };
}
