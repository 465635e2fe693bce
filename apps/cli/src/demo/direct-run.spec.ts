import { digitsCnn } from '@openimo/models';
import { createDirectRun } from './direct-run.js';
import { drawDigit } from './draw-digit.js';

describe('the direct run that answers are compared with', () => {
  it('gives label and logits of the example model, byte for byte what the operators have to answer', async () => {
    const run = await createDirectRun(digitsCnn);
    const examples = digitsCnn.heldBack().slice(0, 20);
    const answers = await Promise.all(examples.map(({ pixels }) => run(pixels)));
    expect(answers.every((answer) => answer.length === digitsCnn.outputBytes)).toBe(true);
    const right = answers.filter((answer, index) => digitsCnn.decode(answer).label === examples[index]!.label);
    expect(right.length).toBeGreaterThanOrEqual(19);
  });
});

describe('a drawn digit', () => {
  it('has eight lines of eight pixels, dark where there is ink', () => {
    const pixels = new Uint8Array(64);
    pixels[9] = 16;
    const lines = drawDigit(pixels);
    expect(lines).toHaveLength(8);
    expect(lines.every((line) => line.length === 16)).toBe(true);
    expect(lines[1]).toBe('  @@            ');
  });
});
