import { DomainError, isDomainError } from './domain-error.js';

describe('DomainError', () => {
  it('carries its code, data, cause and whether a retry makes sense', () => {
    const cause = new Error('disk');
    const error = new DomainError('QueueFull', 'Try again.', { data: { queued: 4 }, cause, retryable: true });

    expect(error).toMatchObject({ code: 'QueueFull', message: 'Try again.', data: { queued: 4 }, retryable: true });
    expect(error.cause).toBe(cause);
    expect(error).toBeInstanceOf(Error);
  });

  it('is not retryable unless it says so', () => {
    expect(new DomainError('ModelNotFound', 'Upload it.').retryable).toBe(false);
  });

  it('turns into JSON with decimal strings for bigints and without its cause', () => {
    const error = new DomainError('TooMuch', 'Pay less.', { data: { amount: 2n ** 80n, parts: [1n] }, cause: 'x' });

    expect(JSON.parse(JSON.stringify(error))).toEqual({
      code: 'TooMuch',
      message: 'Pay less.',
      data: { amount: '1208925819614629174706176', parts: ['1'] },
      retryable: false,
    });
  });
});

describe('isDomainError', () => {
  const error: unknown = new DomainError('QueueFull', 'Try again.');

  it('tells our errors from others', () => {
    expect(isDomainError(error)).toBe(true);
    expect(isDomainError(new Error('QueueFull'))).toBe(false);
    expect(isDomainError({ name: 'DomainError', code: 'QueueFull' })).toBe(false);
  });

  it('narrows to the codes asked for', () => {
    expect(isDomainError(error, 'QueueFull', 'RunAborted')).toBe(true);
    expect(isDomainError(error, 'RunAborted')).toBe(false);
  });
});
