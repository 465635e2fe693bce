import { isWatched } from './watch-scope.js';

describe('isWatched', () => {
  it.each([
    ['none', 'all', false],
    ['all', [2n], true],
    ['served', 'all', true],
    ['served', [1n], true],
    ['served', [2n], false],
    [[1n, 3n], 'all', true],
    [[2n, 3n], 'all', false],
  ] as const)('watching %s of a node that serves %s: version 1 is %s', (watch, versions, watched) => {
    expect(isWatched({ watch, versions }, 1n)).toBe(watched);
  });
});
