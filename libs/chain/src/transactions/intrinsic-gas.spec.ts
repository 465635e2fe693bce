import { intrinsicGas } from './intrinsic-gas.js';

const to = '0x00000000000000000000000000000000000000aa';

describe('intrinsicGas', () => {
  it('is 21,000 for a transfer', () => {
    expect(intrinsicGas({ to })).toBe(21_000n);
  });

  it('is the floor of EIP-7623 for calldata: 40 per byte, 10 per zero byte', () => {
    expect(intrinsicGas({ to, data: '0xff' })).toBe(21_040n);
    expect(intrinsicGas({ to, data: '0x00' })).toBe(21_010n);
  });

  it('adds the creation and two per word of initcode', () => {
    expect(intrinsicGas({ to: null, data: `0x${'00'.repeat(33)}` })).toBe(21_000n + 33n * 4n + 32_000n + 2n * 2n);
  });
});
