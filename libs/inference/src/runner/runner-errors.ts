import { DomainError, type ModelRunnerErrorCode } from '@openimo/domain';

export type RunnerError = DomainError<ModelRunnerErrorCode>;

export function wrongInputLength(expected: number, actual: number): RunnerError {
  return new DomainError('WrongInputLength', `The model takes ${expected} input bytes; these are ${actual}.`, {
    data: { expected, actual },
  });
}

export function promptTooLong(context: number, actual: number): RunnerError {
  return new DomainError(
    'WrongInputLength',
    `The model reads ${context} bytes; the prompt has ${actual}. Shorten it.`,
    {
      data: { expected: context, actual },
    },
  );
}

export function notATextModel(): RunnerError {
  return new DomainError(
    'NotATextModel',
    'A text model takes UINT8 [context] and answers UINT8 [1], the byte that follows. This one does not: run it on tensors.',
  );
}

export function queueFull(queued: number, limit: number): RunnerError {
  return new DomainError('QueueFull', `${queued} runs already wait for this model. Try again in a moment.`, {
    data: { queued, limit },
    retryable: true,
  });
}

export function tooManyModels(limit: number): RunnerError {
  return new DomainError('TooManyModels', `All ${limit} places for models are busy. Try again in a moment.`, {
    data: { limit },
    retryable: true,
  });
}

export function runTimedOut(limitMs: number): RunnerError {
  return new DomainError('RunTimedOut', `The run was ended after ${limitMs} ms.`, {
    data: { limitMs },
    retryable: true,
  });
}

export function runOutOfMemory(limitBytes: number): RunnerError {
  return new DomainError(
    'RunOutOfMemory',
    `The run was ended because it took more than ${limitBytes} bytes of memory.`,
    {
      data: { limitBytes },
    },
  );
}

export function runAborted(reason: unknown): RunnerError {
  return new DomainError('RunAborted', 'The caller gave up on the run.', { cause: reason });
}

export function runnerCrashed(data: Record<string, unknown>): RunnerError {
  return new DomainError('RunnerCrashed', 'The process that ran the model died. It is being started again.', {
    data,
    retryable: true,
  });
}

export function runnerUnavailable(retryAfterMs: number, deaths: number): RunnerError {
  return new DomainError(
    'RunnerUnavailable',
    `The model's process died ${deaths} times in a row. Runs are refused for ${retryAfterMs} ms.`,
    { data: { retryAfterMs, deaths }, retryable: true },
  );
}

export function modelDoesNotLoad(reason: string, message: string): RunnerError {
  return new DomainError('ModelDoesNotLoad', message, { data: { reason } });
}

export function runnerClosed(): RunnerError {
  return new DomainError('RunnerClosed', 'The runner is being shut down.');
}
