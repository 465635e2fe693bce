import { requirePrompt, textOf } from './prompt.js';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('requirePrompt', () => {
  it('takes any bytes but 0, and leaves room for one', () => {
    expect(() => requirePrompt(bytes('a'), 64)).not.toThrow();
    expect(() => requirePrompt(Uint8Array.of(0xff, 0xc3, 1), 4)).not.toThrow();
    expect(() => requirePrompt(new Uint8Array(63).fill(1), 64)).not.toThrow();
  });

  it.each([
    ['nothing', bytes(''), 'PromptEmpty', /a byte at least/],
    ['as much as the model reads', bytes('abcd'), 'PromptTooLong', /Shorten it to 3/],
    ['letters of several bytes beyond that', bytes('éé'), 'PromptTooLong', /has 4 bytes/],
    ['a byte 0', Uint8Array.of(97, 0), 'PromptEnds', /Byte 1 of the prompt/],
  ])('refuses %s', (_, prompt, code, message) => {
    expect(() => requirePrompt(prompt, 4)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  });
});

describe('textOf', () => {
  it('shows what is no UTF-8 without failing', () => {
    expect(textOf(Uint8Array.of(0x61, 0xc3, 0xa9, 0xff))).toBe('aé\ufffd');
  });
});
