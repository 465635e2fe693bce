import { DomainError } from '@openimo/domain';
import { QueryFailedError, QueryRunnerAlreadyReleasedError, QueryRunnerProviderAlreadyReleasedError } from 'typeorm';
import { databaseCode, toDatabaseError } from './database-error.js';

const failed = (code: string) => new QueryFailedError('select 1', [], Object.assign(new Error('no'), { code }));

describe('toDatabaseError', () => {
  it.each(['57P01', '57P03', '53300', '08006', '25P03', 'ECONNRESET'])(
    'takes %s for a database that is away',
    (code) => {
      expect(toDatabaseError(failed(code))).toMatchObject({ code: 'DatabaseUnavailable', retryable: true });
    },
  );

  it.each(['40001', '40P01'])('takes %s for two transactions that met', (code) => {
    expect(toDatabaseError(failed(code))).toMatchObject({ code: 'DatabaseConflict', retryable: true });
  });

  it.each(['22021', '22P05'])('takes %s for a text that has a zero character', (code) => {
    expect(toDatabaseError(failed(code))).toMatchObject({ code: 'TextInvalid', retryable: false });
  });

  it.each([
    'Connection terminated unexpectedly',
    'timeout exceeded when trying to connect',
    new QueryRunnerAlreadyReleasedError().message,
    new QueryRunnerProviderAlreadyReleasedError().message,
  ])('knows "%s"', (message) => {
    expect(toDatabaseError(new Error(message))).toMatchObject({ code: 'DatabaseUnavailable' });
  });

  it('leaves mistakes and our own errors alone', () => {
    const mistake = failed('42601');
    const own = new DomainError('Mine', 'Mine.');
    expect(toDatabaseError(mistake)).toBe(mistake);
    expect(toDatabaseError(own)).toBe(own);
    expect(toDatabaseError('thrown')).toBe('thrown');
  });

  it('shows no address and no password', () => {
    const error = toDatabaseError(Object.assign(new Error('connect ECONNREFUSED 10.0.0.1'), { code: 'ECONNREFUSED' }));
    expect(JSON.stringify(error)).not.toContain('10.0.0.1');
  });
});

it('finds the code of the driver inside an error of TypeORM', () => {
  expect(databaseCode(failed('23505'))).toBe('23505');
});
