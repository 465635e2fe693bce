import { claimOf, claimsOf, type TextAnswer } from './answer.js';

const bytes = (text: string) => new TextEncoder().encode(text);
const outputRoot = `0x${'11'.repeat(32)}` as const;

function text(prompt: string, output: string, mostNewBytes = 5): TextAnswer {
  return { kind: 'text', outputRoot, prompt: bytes(prompt), output: bytes(output), mostNewBytes, context: 10 };
}

describe('the claims of a text', () => {
  it('are its bytes and, where there was room for more, its end', () => {
    expect(claimsOf(text('once', 'upo'))).toBe(4);
    expect(claimsOf(text('once', ''))).toBe(1);
  });

  it('are its bytes alone where the version writes no more', () => {
    expect(claimsOf(text('once', ' upon'))).toBe(5);
  });

  it('are its bytes alone where the context is full', () => {
    expect(claimsOf(text('12345678', '90'))).toBe(2);
    expect(claimsOf(text('12345678', '9'))).toBe(2);
  });

  it('are each that a run on the prompt and the output before gives the next byte', () => {
    expect(claimOf(text('ab', 'cde'), 2)).toEqual({
      item: 2,
      input: Uint8Array.of(...bytes('abcd'), 0, 0, 0, 0, 0, 0),
      output: bytes('e'),
    });
  });

  it('are at last that a run on all of it gives the byte that ends texts', () => {
    expect(claimOf(text('ab', 'cde'), 3)).toEqual({
      item: 3,
      input: Uint8Array.of(...bytes('abcde'), 0, 0, 0, 0, 0),
      output: Uint8Array.of(0),
    });
  });

  it('are no others', () => {
    for (const item of [4, -1, 0.5, Number.NaN]) {
      expect(() => claimOf(text('ab', 'cde'), item)).toThrow(
        expect.objectContaining({ code: 'NoSuchClaim', data: { item, claims: 4 } }),
      );
    }
  });
});

describe('the claims of tensors', () => {
  const inputs = [Uint8Array.of(1), Uint8Array.of(2)];
  const outputs = [Uint8Array.of(3), Uint8Array.of(4)];
  const batch = { kind: 'tensors', outputRoot, inputs, outputs } as const;

  it('are one per item', () => {
    expect(claimsOf(batch)).toBe(2);
    expect(claimOf(batch, 1)).toEqual({ item: 1, input: Uint8Array.of(2), output: Uint8Array.of(4) });
    expect(() => claimOf(batch, 2)).toThrow(expect.objectContaining({ code: 'NoSuchClaim' }));
  });
});
