import { etherAmount } from './amount.js';

describe('etherAmount', () => {
  it('reads ETH as wei', () => {
    expect(etherAmount('0.01', 'The price')).toBe(10n ** 16n);
    expect(etherAmount('0', 'The price')).toBe(0n);
  });

  it.each([
    ['-1', 'AmountOutOfRange'],
    ['1'.repeat(40), 'AmountOutOfRange'],
    ['much', 'AmountMalformed'],
    ['0.0000000000000000001', 'AmountTooPrecise'],
  ])('refuses %s', (text, code) => {
    expect(() => etherAmount(text, 'The price')).toThrow(expect.objectContaining({ code }));
  });
});
