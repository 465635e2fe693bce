import { DomainError, isDomainError } from '@openimo/domain';

/** An error as it travels between processes. */
export interface ErrorMessage {
  readonly code: string;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Errors without a code of ours get `fallback`, or `outOfMemory` where an allocation failed. */
export function toErrorMessage(error: unknown, fallback: string, outOfMemory: string): ErrorMessage {
  if (isDomainError(error)) return { code: error.code, message: error.message, data: error.data };
  const reason = firstLine(error);
  const code = isAllocationFailure(reason) ? outOfMemory : fallback;
  return { code, message: `The runtime says: ${reason}`, data: { reason } };
}

export function toDomainError<Code extends string>({ code, message, data }: ErrorMessage): DomainError<Code> {
  return new DomainError(code as Code, message, { data });
}

function isAllocationFailure(reason: string): boolean {
  return /bad.?alloc|failed to allocate|array buffer allocation failed|out of memory/i.test(reason);
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return (text.split('\n')[0] ?? '').slice(0, 500);
}
