import { isDomainError, type ModelRunnerErrorCode } from '@openimo/domain';
import type { JudgeErrorCode } from '@openimo/disputes';
import type { AttestationErrorCode } from '../self-test/root-attester.js';

/** What the model or the runtime does again, however often it is tried. */
const FINAL = [
  'NotATextModel',
  'WrongInputLength',
  'RunFailed',
  'ModelDoesNotLoad',
  'RunsDisagree',
  'RuntimeDisagrees',
] as const satisfies readonly (ModelRunnerErrorCode | JudgeErrorCode | AttestationErrorCode)[];

/** Of a model that does not load, what may be otherwise on a machine that has more room later. */
const PASSING_REASONS: readonly unknown[] = ['ModelTimedOut', 'ModelOutOfMemory'];

/** Whether judging an answer that failed like this is worth another try while its window is open. */
export function isPassing(error: unknown): boolean {
  if (!isDomainError(error, ...FINAL)) return true;
  return error.retryable || PASSING_REASONS.includes(error.data['reason']);
}
