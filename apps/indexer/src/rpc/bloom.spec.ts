import { Bloom, EMPTY_BLOOM } from './bloom.js';

const WORDS = ['testtest', 'test', 'hallo', 'other'].map((word) => `0x${Buffer.from(word).toString('hex')}`);

describe('Bloom', () => {
  it('has what was added, and not everything else', () => {
    const bloom = new Bloom();
    for (const word of WORDS) bloom.add(word);

    expect(WORDS.every((word) => bloom.mayHave(word))).toBe(true);
    expect(['0x01', '0x02', '0x03'].some((word) => bloom.mayHave(word))).toBe(false);
  });

  it('reads the filter of a header bit for bit', () => {
    // Bits 2047 - n of the big number count from the left: bit 0 is the last.
    const bloom = Bloom.parse(`0x8${'0'.repeat(510)}1`);
    const other = Bloom.parse(`0x${'0'.repeat(511)}1`);
    expect(bloom.equals(other)).toBe(false);
    expect(bloom.equals(Bloom.parse(`0x8${'0'.repeat(510)}1`))).toBe(true);
    expect(Bloom.parse(EMPTY_BLOOM).equals(new Bloom())).toBe(true);
  });
});
