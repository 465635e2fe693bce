import { DomainError } from '@openimo/domain';
import { isPassing } from './trouble.js';

describe('isPassing', () => {
  it.each(['RunsDisagree', 'NotATextModel', 'RunFailed', 'WrongInputLength', 'ModelDoesNotLoad'])(
    'has no hope for %s',
    (code) => expect(isPassing(new DomainError(code, ''))).toBe(false),
  );

  it.each(['ModelNotFound', 'ModelCorrupt', 'RunTimedOut', 'QueueFull', 'RpcUnavailable', 'ChainInconsistent'])(
    'tries again after %s',
    (code) => expect(isPassing(new DomainError(code, ''))).toBe(true),
  );

  it('tries again to load a model that took too long or too much', () => {
    for (const reason of ['ModelTimedOut', 'ModelOutOfMemory']) {
      expect(isPassing(new DomainError('ModelDoesNotLoad', '', { data: { reason } }))).toBe(true);
    }
  });

  it('tries again after what nobody foresaw', () => {
    expect(isPassing(new TypeError('fetch failed'))).toBe(true);
  });
});
