import { DomainError } from '@openimo/domain';
import { describeError, type Logger, loggerOptions, withoutCredentials } from './logger.js';
import { pino } from 'pino';

function logged(write: (log: Logger) => void): Record<string, unknown> {
  const lines: string[] = [];
  write(
    pino<never>(loggerOptions({ name: 'alice', logLevel: 'trace' }), {
      write: (line: string) => void lines.push(line),
    }),
  );
  return JSON.parse(lines[0]!) as Record<string, unknown>;
}

describe('the log', () => {
  it('writes bigints as decimal strings, however deep', () => {
    expect(logged((log) => log.info({ stake: 5n, job: { ids: [7n] } }, 'x'))).toMatchObject({
      name: 'alice',
      stake: '5',
      job: { ids: ['7'] },
    });
  });

  it.each(['privateKey', 'password', 'databaseUrl', 'signer', 'rpcUrl', 'apiKey', 'cookie'])(
    'never writes %s',
    (key) => {
      const line = JSON.stringify(logged((log) => log.info({ [key]: 'sesame', config: { [key]: 'sesame' } }, 'x')));

      expect(line).not.toContain('sesame');
    },
  );

  it('takes credentials out of URLs in errors', () => {
    const error = new Error('connect postgres://openimo:sesame@db:5432/x failed');

    expect(JSON.stringify(logged((log) => log.warn({ err: error }, 'x')))).not.toContain('sesame');
    expect(withoutCredentials('see https://u:p@host/path')).toBe('see https://host/path');
  });

  it('tells what our own errors are about, without a stack', () => {
    expect(describeError(new DomainError('OutOfLuck', 'None left.', { data: { left: 0 } }))).toEqual({
      type: 'DomainError',
      message: 'None left.',
      code: 'OutOfLuck',
      data: { left: 0 },
    });
  });
});
