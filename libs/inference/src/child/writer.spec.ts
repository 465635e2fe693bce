import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { jest } from '@jest/globals';
import { textContextOf } from '@openimo/domain';
import { DEFAULT_CHECK_LIMITS } from '../check/check-model.js';
import { inspectModel } from '../onnx/inspect-model.js';
import { alphabetModel } from '../testing/text-models.js';
import { openSession } from './model-session.js';
import { openWriter } from './writer.js';

const GPT = fileURLToPath(new URL('../../../models/gpt/gpt.onnx', import.meta.url));
const SLOW_MS = 200;
const bytes = (text: string) => new TextEncoder().encode(text);

/** A writer, and how often the whole graph was run for it since it was opened: slowly, so that caches are worth it. */
async function open(file: Uint8Array) {
  const signature = inspectModel(file, DEFAULT_CHECK_LIMITS);
  const whole = await openSession(file, signature);
  const run = jest.fn(async (input: Uint8Array) => {
    await new Promise((resolve) => setTimeout(resolve, SLOW_MS));
    return whole(input);
  });
  const write = await openWriter(file, textContextOf(signature)!, run);
  run.mockClear();
  return { run, write };
}

describe('openWriter', () => {
  it('runs the whole graph for no byte where a model is proven causal', async () => {
    const { run, write } = await open(await readFile(GPT));

    expect(await write(bytes('f'), 60)).toHaveLength(60);
    expect(run).not.toHaveBeenCalled();
  }, 120_000);

  it('runs it for every byte where there is a byte 0 in the prompt', async () => {
    const { run, write } = await open(await readFile(GPT));

    await write(bytes('a\0b'), 3);
    expect(run.mock.calls.length).toBeGreaterThan(0);
  }, 120_000);

  it('runs it for every byte of a model of which nothing is proven', async () => {
    const { run, write } = await open(alphabetModel({ context: 12 }));

    expect(new TextDecoder().decode(await write(bytes('abc'), 4))).toBe('defg');
    expect(run).toHaveBeenCalledTimes(4);
  });
});
