import { readCommand } from './command.js';

describe('readCommand', () => {
  it('follows unless told otherwise', () => {
    expect(readCommand([])).toEqual({ kind: 'follow' });
    expect(readCommand(['follow'])).toEqual({ kind: 'follow' });
  });

  it('rebuilds from and to a block', () => {
    expect(readCommand(['rebuild'])).toEqual({ kind: 'rebuild', from: undefined, to: undefined });
    expect(readCommand(['rebuild', '--from', '7', '--to=90'])).toEqual({ kind: 'rebuild', from: 7n, to: 90n });
  });

  it.each([['nonsense'], ['rebuild', 'x'], ['rebuild', '--from', '-1'], ['follow', '--to', '3'], ['--what']])(
    'refuses %s %s',
    (...args) => {
      expect(() => readCommand(args)).toThrow('Usage');
    },
  );
});
