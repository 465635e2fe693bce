export interface DomainErrorOptions {
  /** The values behind the message, for programs. Never a secret. */
  readonly data?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
  /** True when the very same call may succeed later. */
  readonly retryable?: boolean;
}

/**
 * An error our rules foresee. Each noun declares its codes as a union of string literals, so that an adapter can map
 * them exhaustively; the message tells a person what to do.
 *
 * @example
 * throw new DomainError<ModelStoreErrorCode>('ModelNotFound', 'No model 0x12… is stored here. Upload it first.');
 */
export class DomainError<Code extends string = string> extends Error {
  override readonly name = 'DomainError';
  readonly code: Code;
  readonly data: Readonly<Record<string, unknown>>;
  readonly retryable: boolean;

  constructor(code: Code, message: string, { data = {}, cause, retryable = false }: DomainErrorOptions = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.data = data;
    this.retryable = retryable;
  }

  /** Plain data for logs and other processes: bigints become decimal strings, the cause stays behind. */
  toJSON(): { code: Code; message: string; data: unknown; retryable: boolean } {
    return { code: this.code, message: this.message, data: toPlain(this.data), retryable: this.retryable };
  }
}

/** Whether `error` is a DomainError, and one of `codes` when any are given. Holds across copies of this package. */
export function isDomainError<Code extends string = string>(
  error: unknown,
  ...codes: readonly Code[]
): error is DomainError<Code> {
  if (!(error instanceof Error) || error.name !== 'DomainError') return false;
  const { code } = error as DomainError;
  return typeof code === 'string' && (codes.length === 0 || (codes as readonly string[]).includes(code));
}

function toPlain(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return value.map(toPlain);
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, toPlain(entry)]));
  }
  return value;
}
