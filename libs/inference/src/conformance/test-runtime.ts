import { DomainError } from '@openimo/domain';
import type { ConformanceVector } from '@openimo/donnx/conformance';
import type { RuntimeReply, RuntimeRequest } from '../child/runtime-child.js';
import { askChild, type AskLimits } from '../process/ask-child.js';
import { DEFAULT_MEMORY_LIMIT_BYTES } from '../process/limited-child.js';

/** What onnxruntime makes otherwise on this machine than the specification says. */
export interface RuntimeFault {
  readonly operator: string;
  /** Name of the conformance vector. */
  readonly vector: string;
  /** Null where it answered, with other bytes. */
  readonly error: string | null;
}

export type RuntimeTestErrorCode = 'RuntimeNotTested';

// They take half a second.
const DEFAULT_LIMITS: AskLimits = { memoryLimitBytes: DEFAULT_MEMORY_LIMIT_BYTES, timeoutMs: 120_000 };

// The folder above is src under test and dist when built; children only exist built.
const RUNTIME_CHILD = new URL('../../dist/child/runtime-child.js', import.meta.url);

/**
 * Runs small graphs of every operator of the profile in onnxruntime, set up as for serving, and compares what it answers with
 * what the specification answers. Nobody whose runtime differs may serve: every answer could be proven wrong.
 *
 * @param vectors others than those of the profile
 * @throws DomainError `RuntimeNotTested` when the process with the runtime died or took too long
 */
export async function testRuntime({
  vectors,
  ...limits
}: Partial<AskLimits> & { vectors?: readonly ConformanceVector[] } = {}): Promise<readonly RuntimeFault[]> {
  const all = { ...DEFAULT_LIMITS, ...limits };
  const request: RuntimeRequest = { vectors: vectors ?? null };
  const answer = await askChild<RuntimeReply>(RUNTIME_CHILD, request, all);
  if ('faults' in answer) return answer.faults;
  const { reason, exitCode, signal, stderr } = answer;
  const how = { killed: `took more than ${all.timeoutMs} ms`, memory: 'ran out of memory', ended: 'died' }[reason];
  throw new DomainError<RuntimeTestErrorCode>('RuntimeNotTested', `The process that tries onnxruntime ${how}.`, {
    data: { exitCode, signal, stderr },
    retryable: true,
  });
}
