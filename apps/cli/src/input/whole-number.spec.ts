import { wholeNumber } from './whole-number.js';

describe('wholeNumber', () => {
  it.each([
    ['0', 0n],
    ['007', 7n],
    ['0x10', 16n],
    ['0XfF', 255n],
    [String(2n ** 256n - 1n), 2n ** 256n - 1n],
  ])('reads %s', (text, number) => expect(wholeNumber(text, 'It')).toBe(number));

  it.each(['', 'abc', '-1', '1.5', '1e3', '0x', '1 ', '1n', '٣'])('takes %j for no number', (text) => {
    expect(() => wholeNumber(text, 'The request')).toThrow(
      expect.objectContaining({ code: 'NotANumber', message: expect.stringContaining(`"${text}" is not`) }),
    );
  });

  it('takes nothing that the chain has no room for', () => {
    expect(() => wholeNumber(String(2n ** 256n), 'The request')).toThrow(
      expect.objectContaining({ code: 'NumberOutOfRange', message: expect.stringContaining('256 bits') }),
    );
  });

  it.each(['0', '6'])('keeps to its range: %s', (text) => {
    expect(() => wholeNumber(text, 'The round', { least: 1n, most: 5n })).toThrow(
      expect.objectContaining({
        code: 'NumberOutOfRange',
        message: `The round is a number from 1 to 5; ${text} is not.`,
      }),
    );
    expect(wholeNumber('5', 'The round', { least: 1n, most: 5n })).toBe(5n);
  });
});
