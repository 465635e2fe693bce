import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DomainError } from '@openimo/domain';
import type { CheckReply, CheckRequest, TestRun } from '../child/check-child.js';
import { refuseFileTooLarge, type InspectLimits, type ModelInspection } from '../onnx/inspect-model.js';
import { refuse, type ModelRefusalCode } from '../onnx/model-refusal.js';
import { askChild } from '../process/ask-child.js';
import { toDomainError } from '../process/error-message.js';
import { DEFAULT_MEMORY_LIMIT_BYTES, type ChildDeath } from '../process/limited-child.js';

export interface CheckLimits extends InspectLimits {
  /** Resident memory of the checking process, of which Node and onnxruntime take about 100 MB. */
  readonly memoryLimitBytes: number;
  /** For reading, loading and one run together. */
  readonly timeoutMs: number;
}

export const DEFAULT_CHECK_LIMITS: CheckLimits = {
  maxFileBytes: 256 * 2 ** 20,
  maxTensorBytes: 256 * 2 ** 20,
  maxIoBytes: 16 * 2 ** 20,
  memoryLimitBytes: DEFAULT_MEMORY_LIMIT_BYTES,
  timeoutMs: 60_000,
};

/** What the file says, and how one run on zeros went. */
export interface ModelReport extends ModelInspection {
  readonly testRun: TestRun;
}

// The folder above is src under test and dist when built; children only exist built.
const CHECK_CHILD = new URL('../../dist/child/check-child.js', import.meta.url);

/**
 * Reads and tries an ONNX file (its path or bytes) in a process that may not hurt us. `report.sha256` is of the very
 * bytes that were checked: compare it with what is stored when a path may have changed meanwhile.
 *
 * Throws a DomainError with a ModelRefusalCode, and only that, whatever the file holds.
 *
 * @example
 * const { inputs, outputs, sha256 } = await checkModel('/uploads/1.onnx');
 */
export async function checkModel(source: string | Uint8Array, limits: Partial<CheckLimits> = {}): Promise<ModelReport> {
  const all = { ...DEFAULT_CHECK_LIMITS, ...limits };
  if (typeof source === 'string') {
    await checkFile(source, all.maxFileBytes);
    return checkInChild(resolve(source), all);
  }
  checkSize(source.length, all.maxFileBytes);
  const folder = await mkdtemp(join(tmpdir(), 'openimo-check-'));
  try {
    const path = join(folder, 'model.onnx');
    await writeFile(path, source);
    return await checkInChild(path, all);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function checkFile(path: string, maxFileBytes: number): Promise<void> {
  const stats = await stat(path).catch(() => undefined);
  if (stats === undefined) refuse('ModelFileNotFound', 'There is no such file. Upload it again.', { path });
  if (!stats.isFile()) refuse('ModelFileNotRegular', 'This is not a file. Name an .onnx file.', { path });
  checkSize(stats.size, maxFileBytes);
}

function checkSize(sizeBytes: number, maxFileBytes: number): void {
  if (sizeBytes === 0) refuse('ModelFileEmpty', 'The file is empty. Export the model again.');
  if (sizeBytes > maxFileBytes) refuseFileTooLarge(sizeBytes, maxFileBytes);
}

async function checkInChild(path: string, limits: CheckLimits): Promise<ModelReport> {
  const { maxFileBytes, maxTensorBytes, maxIoBytes } = limits;
  const request: CheckRequest = { path, limits: { maxFileBytes, maxTensorBytes, maxIoBytes } };
  const answer = await askChild<CheckReply>(CHECK_CHILD, request, limits);
  if (!('type' in answer)) throw refusalOfDeath(answer, limits);
  if (answer.type === 'refused') throw toDomainError<ModelRefusalCode>(answer.error);
  return { ...answer.inspection, testRun: answer.testRun };
}

function refusalOfDeath(death: ChildDeath, limits: CheckLimits): DomainError<ModelRefusalCode> {
  switch (death.reason) {
    case 'killed':
      return new DomainError(
        'ModelTimedOut',
        `Loading the model and running it once took more than ${limits.timeoutMs} ms. Make it smaller.`,
        { data: { timeoutMs: limits.timeoutMs } },
      );
    case 'memory':
      return new DomainError(
        'ModelOutOfMemory',
        `Loading the model and running it once took more than ${limits.memoryLimitBytes} bytes of memory. Make it ` +
          'smaller, or look for Expand, Tile and ConstantOfShape nodes that make huge tensors.',
        { data: { memoryLimitBytes: limits.memoryLimitBytes } },
      );
    case 'ended':
      return new DomainError(
        'ModelCheckCrashed',
        'The process that tried the model died, so it is not safe to run. Export it with another ONNX release.',
        { data: { exitCode: death.exitCode, signal: death.signal, stderr: death.stderr } },
      );
  }
}
