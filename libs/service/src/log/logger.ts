import { type Logger, pino, type LoggerOptions } from 'pino';
import type { LogLevel } from '../config/variables.js';

export type { Logger } from 'pino';

export interface LogConfig {
  readonly name: string;
  readonly logLevel: LogLevel;
}

/** Never written out, wherever it turns up. */
const SECRETS = [
  'privateKey',
  'password',
  'databaseUrl',
  'signer',
  'rpcUrl',
  'mnemonic',
  'secret',
  'apiKey',
  'token',
  'authorization',
  'cookie',
];

/** JSON lines on stdout. Bigints become decimal strings; errors keep their code, their short message and their data. */
export function createLogger(config: LogConfig): Logger {
  return pino(loggerOptions(config));
}

export function loggerOptions({ name, logLevel }: LogConfig): LoggerOptions {
  return {
    level: logLevel,
    redact: { paths: SECRETS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]), censor: '[redacted]' },
    formatters: { log: (fields) => plain(fields) as Record<string, unknown> },
    serializers: { err: describeError },
    base: { name, pid: process.pid },
  };
}

/** One line about an error: its cause chain may quote URLs with credentials, its stack is noise for what we foresee. */
export function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { message: String(error) };
  const { code, shortMessage, data } = error as { code?: unknown; shortMessage?: string; data?: unknown };
  const foreseen = error.name === 'DomainError' || shortMessage !== undefined;
  return {
    type: error.name,
    message: withoutCredentials(shortMessage ?? error.message),
    ...(typeof code === 'string' ? { code } : {}),
    ...(error.name === 'DomainError' ? { data } : {}),
    ...(foreseen || typeof code === 'string' ? {} : { stack: withoutCredentials(error.stack ?? '') }),
  };
}

/** `scheme://user:password@host` loses what is before the @. */
export function withoutCredentials(text: string): string {
  return text.replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi, '$1');
}

function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== 'object' || value instanceof Error) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, plain(entry)]));
}
