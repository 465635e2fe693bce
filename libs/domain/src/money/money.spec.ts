import fc from 'fast-check';
import { bpsOfDown, bpsOfUp, formatUnits, parseUnits, splitBpsDown } from './money.js';

const amounts = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n });
const bps = fc.bigInt({ min: 0n, max: 10_000n });

describe('bpsOf', () => {
  it('rounds as its name says, and by less than one unit', () => {
    expect(bpsOfDown(101n, 5_000n)).toBe(50n);
    expect(bpsOfUp(101n, 5_000n)).toBe(51n);
    fc.assert(
      fc.property(amounts, bps, (amount, share) => {
        const down = bpsOfDown(amount, share);
        const up = bpsOfUp(amount, share);
        expect(down * 10_000n <= amount * share && amount * share <= up * 10_000n).toBe(true);
        expect(up - down <= 1n).toBe(true);
      }),
    );
  });

  it('keeps the direction for negative amounts', () => {
    expect(bpsOfDown(-101n, 5_000n)).toBe(-51n);
    expect(bpsOfUp(-101n, 5_000n)).toBe(-50n);
  });
});

describe('splitBpsDown', () => {
  it('gives the remainder to the part that is named', () => {
    const shares = { operator: 3_333n, publisher: 3_333n, holders: 3_334n };

    expect(splitBpsDown(10n, shares, 'holders')).toEqual({ operator: 3n, publisher: 3n, holders: 4n });
    expect(splitBpsDown(10n, shares, 'operator')).toEqual({ operator: 4n, publisher: 3n, holders: 3n });
  });

  it('has parts that add up to the amount and never fall below their share rounded down', () => {
    fc.assert(
      fc.property(amounts, bps, (amount, share) => {
        const parts = splitBpsDown(amount, { a: share, b: 10_000n - share }, 'b');
        expect(parts.a + parts.b).toBe(amount);
        expect(parts.a).toBe(bpsOfDown(amount, share));
        expect(parts.b >= bpsOfDown(amount, 10_000n - share)).toBe(true);
      }),
    );
  });

  it('refuses shares that are not one whole', () => {
    const split = (a: bigint, b: bigint) => () => splitBpsDown(1n, { a, b }, 'a');

    expect(split(5_000n, 4_999n)).toThrow(expect.objectContaining({ code: 'SharesInvalid' }));
    expect(split(-1n, 10_001n)).toThrow(expect.objectContaining({ code: 'SharesInvalid' }));
    expect(() => splitBpsDown(-1n, { a: 10_000n }, 'a')).toThrow(expect.objectContaining({ code: 'SharesInvalid' }));
  });
});

describe('formatUnits and parseUnits', () => {
  it('write and read exact decimal strings', () => {
    expect(formatUnits(1_500_000n, 6)).toBe('1.5');
    expect(formatUnits(-1n, 18)).toBe('-0.000000000000000001');
    expect(formatUnits(7n, 0)).toBe('7');
    expect(formatUnits(0n, 18)).toBe('0');
    expect(parseUnits('1.5', 6)).toBe(1_500_000n);
  });

  it('are inverse to each other', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 255n), max: 2n ** 255n }), fc.nat(30), (amount, decimals) => {
        expect(parseUnits(formatUnits(amount, decimals), decimals)).toBe(amount);
      }),
    );
  });

  it('refuse what they would have to round or guess', () => {
    expect(() => parseUnits('1.0000001', 6)).toThrow(expect.objectContaining({ code: 'AmountTooPrecise' }));
    for (const text of ['', '1e3', ' 1', '0x10', '1.', '.5', '1,5']) {
      expect(() => parseUnits(text, 6)).toThrow(expect.objectContaining({ code: 'AmountMalformed' }));
    }
  });
});
