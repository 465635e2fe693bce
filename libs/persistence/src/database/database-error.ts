import { DomainError, isDomainError } from '@openimo/domain';

export type DatabaseErrorCode =
  | 'DatabaseUnavailable'
  | 'DatabaseConflict'
  /** A text that PostgreSQL has none of: one with a zero character, or half a surrogate pair. */
  | 'TextInvalid';

const UNAVAILABLE_SYSTEM = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);
/** Shutting down, crashed, starting, too many clients, and our own "others wait for the one session". */
const UNAVAILABLE_STATE = new Set(['57P01', '57P02', '57P03', '53300', '25P03']);
/** Serialization failure and deadlock: the whole transaction may be run again. */
const CONFLICT_STATE = new Set(['40001', '40P01']);
/** Character not in repertoire, untranslatable character. */
const TEXT_STATE = new Set(['22021', '22P05']);
/** `pg` gives these no code; TypeORM gives up a runner whose connection is lost, and says so of the next statement. */
const UNAVAILABLE_MESSAGE =
  /Connection terminated|query runner was already released|Query runner already released|timeout exceeded when trying to connect|connection error and is not queryable|Client was closed and is not queryable|Connection ended unexpectedly|driver is not connected/i;

export const UNIQUE_VIOLATION = '23505';

/** The SQLSTATE or system code of an error of the driver, if it has one. */
export function databaseCode(error: unknown): string | undefined {
  for (let at: unknown = error; isObject(at); at = at['driverError']) {
    const { code } = at;
    if (typeof code === 'string') return code;
  }
  return undefined;
}

/** Not `instanceof Error`: errors of sockets come from another realm under Jest. */
function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** Errors that pass by themselves become retryable DomainErrors; every other error stays what it is. */
export function toDatabaseError(error: unknown): unknown {
  if (isDomainError(error) || !isObject(error)) return error;
  const code = databaseCode(error) ?? '';
  if (CONFLICT_STATE.has(code)) {
    return new DomainError<DatabaseErrorCode>('DatabaseConflict', 'Two transactions met in the database. Try again.', {
      data: { sqlState: code },
      cause: error,
      retryable: true,
    });
  }
  if (TEXT_STATE.has(code)) {
    return new DomainError<DatabaseErrorCode>('TextInvalid', 'A text must not have a zero character.', {
      data: { sqlState: code },
      cause: error,
    });
  }
  if (
    UNAVAILABLE_SYSTEM.has(code) ||
    UNAVAILABLE_STATE.has(code) ||
    code.startsWith('08') ||
    UNAVAILABLE_MESSAGE.test(String(error['message']))
  ) {
    return new DomainError<DatabaseErrorCode>('DatabaseUnavailable', 'The database does not answer. Try again.', {
      data: { reason: code || 'ConnectionLost' },
      cause: error,
      retryable: true,
    });
  }
  return error;
}

/** Runs `work` and classifies what it throws. Every repository method goes through here. */
export async function classified<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toDatabaseError(error);
  }
}
