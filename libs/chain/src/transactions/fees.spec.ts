import fc from 'fast-check';
import { marketFees, replacementFees } from './fees.js';

const GWEI = 10n ** 9n;
const fee = fc.bigInt(0n, 10n ** 15n);

describe('marketFees', () => {
  it('leave room for a rising base fee', () => {
    expect(marketFees(10n * GWEI, GWEI, 100n * GWEI)).toEqual({ maxFeePerGas: 21n * GWEI, maxPriorityFeePerGas: GWEI });
  });

  it('never exceed the cap, nor the tip the fee', () => {
    fc.assert(
      fc.property(fee, fee, fee, (base, tip, cap) => {
        const { maxFeePerGas, maxPriorityFeePerGas } = marketFees(base, tip, cap);
        expect(maxFeePerGas).toBeLessThanOrEqual(cap);
        expect(maxPriorityFeePerGas).toBeLessThanOrEqual(maxFeePerGas);
      }),
    );
  });
});

describe('replacementFees', () => {
  const previous = { maxFeePerGas: 20n * GWEI, maxPriorityFeePerGas: GWEI };

  it('offer an eighth more, rounded up', () => {
    const odd = { maxFeePerGas: 9n, maxPriorityFeePerGas: 0n };
    expect(replacementFees(odd, odd, 100n)).toEqual({ maxFeePerGas: 11n, maxPriorityFeePerGas: 1n });
  });

  it('follow a market that rose further', () => {
    const market = { maxFeePerGas: 90n * GWEI, maxPriorityFeePerGas: 3n * GWEI };
    expect(replacementFees(previous, market, 100n * GWEI)).toEqual(market);
  });

  it('do not exist when the cap leaves no room', () => {
    expect(replacementFees(previous, previous, 22n * GWEI)).toBeUndefined();
  });

  it('are always taken by a node that asks for an eighth more of both, and never exceed the cap', () => {
    fc.assert(
      fc.property(fee, fee, fee, fee, fee, (max, tip, marketMax, marketTip, cap) => {
        const before = { maxFeePerGas: max, maxPriorityFeePerGas: tip < max ? tip : max };
        const market = { maxFeePerGas: marketMax, maxPriorityFeePerGas: marketTip < marketMax ? marketTip : marketMax };
        const after = replacementFees(before, market, cap);
        if (after === undefined) return;
        expect(after.maxFeePerGas * 8n).toBeGreaterThanOrEqual(before.maxFeePerGas * 9n);
        expect(after.maxPriorityFeePerGas * 8n).toBeGreaterThanOrEqual(before.maxPriorityFeePerGas * 9n);
        expect(after.maxFeePerGas).toBeLessThanOrEqual(cap);
        expect(after.maxPriorityFeePerGas).toBeLessThanOrEqual(after.maxFeePerGas);
      }),
    );
  });
});
