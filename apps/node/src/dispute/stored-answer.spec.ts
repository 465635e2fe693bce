import type { Answer } from '@openimo/disputes';
import { fromStoredAnswer, toStoredAnswer } from './stored-answer.js';

const ROOT = `0x${'ab'.repeat(32)}` as const;

const batch: Answer = {
  ...{ kind: 'tensors', outputRoot: ROOT },
  inputs: [Uint8Array.of(1, 2), Uint8Array.of(3, 4)],
  outputs: [Uint8Array.of(5), Uint8Array.of(6)],
};
const story: Answer = {
  ...{ kind: 'text', outputRoot: ROOT, mostNewBytes: 16, context: 64 },
  prompt: Uint8Array.of(104, 105),
  output: new Uint8Array(),
};

describe('An answer', () => {
  it.each([batch, story])('is what it was after it was JSON', (answer) => {
    expect(fromStoredAnswer(JSON.parse(JSON.stringify(toStoredAnswer(answer))) as never)).toEqual(answer);
  });
});
