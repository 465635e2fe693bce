import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Sha256 } from '@openimo/domain';
import { generateText } from '@openimo/donnx/text';
import { FolderModelStore } from '../store/folder-model-store.js';
import { growingModel } from '../testing/heavy-models.js';
import { alphabetModel } from '../testing/text-models.js';
import { RunnerPool, type RunnerPoolOptions } from './runner-pool.js';

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (output: Uint8Array) => new TextDecoder('latin1').decode(output);

let folder: string;
let store: FolderModelStore;
const opened: RunnerPool[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'runner-text-'));
  store = await FolderModelStore.open(folder);
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((pool) => pool.close()));
  await rm(folder, { recursive: true });
});

function openPool(options: Partial<RunnerPoolOptions> = {}): RunnerPool {
  const pool = new RunnerPool({ store, firstRestartDelayMs: 1, ...options });
  opened.push(pool);
  return pool;
}

const GPT = fileURLToPath(new URL('../../../models/gpt/gpt.onnx', import.meta.url));

const put = async (model: Uint8Array): Promise<Sha256> => (await store.put(model)).sha256;

describe('RunnerPool.generate', () => {
  it('writes on from a prompt until the model ends the text', async () => {
    const model = await put(alphabetModel({ last: 'k' }));

    expect(text(await openPool().generate(model, bytes('def')))).toBe('ghijk');
  });

  it('writes until the context is full, and no more than asked', async () => {
    const pool = openPool();
    const model = await put(alphabetModel({ context: 8 }));

    expect(text(await pool.generate(model, bytes('abc')))).toBe('defgh');
    expect(text(await pool.generate(model, bytes('abc'), { mostNewBytes: 2 }))).toBe('de');
    expect(text(await pool.generate(model, bytes('abcdefgh')))).toBe('');
  });

  it('writes nothing where the model ends at once', async () => {
    const model = await put(alphabetModel({ last: 'k' }));

    expect(text(await openPool().generate(model, bytes('xyz')))).toBe('');
  });

  it('takes any bytes as a prompt', async () => {
    const model = await put(alphabetModel({ context: 8, last: '\xff' }));

    expect([...(await openPool().generate(model, Uint8Array.of(0xc3, 0, 0xfd)))]).toEqual([0xfe, 0xff]);
  });

  it.each(['before', 'after'])('refuses a prompt that is too long, %s the model is loaded', async (when) => {
    const pool = openPool();
    const model = await put(alphabetModel({ context: 8 }));
    if (when === 'after') await pool.load(model);

    await expect(pool.generate(model, bytes('abcdefghi'))).rejects.toMatchObject({
      code: 'WrongInputLength',
      message: expect.stringContaining('Shorten it'),
      data: { expected: 8, actual: 9 },
    });
    expect(text(await pool.generate(model, bytes('abcdefg')))).toBe('h');
  });

  it('refuses a model that does not write text', async () => {
    const model = await put(growingModel(0));

    await expect(openPool().generate(model, bytes('abc'))).rejects.toMatchObject({ code: 'NotATextModel' });
  });

  it('ends a text that takes longer than its limit, process and all, and goes on with the next', async () => {
    const pool = openPool({ runTimeoutMs: 1 });
    const model = await put(alphabetModel({ context: 4_096, last: '\xff' }));
    await pool.load(model);
    const [pid] = pool.status()[0]!.pids;

    await expect(pool.generate(model, bytes('\x01'))).rejects.toMatchObject({ code: 'RunTimedOut' });
    expect(pool.status()[0]!.pids).not.toContain(pid);
  });

  it('writes with caches the bytes that running the whole graph for each of them gives', async () => {
    const pool = openPool();
    const model = await put(await readFile(GPT));
    const run = (input: Uint8Array) => pool.run(model, input);
    const random = Uint8Array.from({ length: 30 }, (_, at) => 1 + ((at * 97) % 255));
    const prompts = ['', 'f', 'function transfer(', '    /// @dev Returns the', 'x'.repeat(63), 'y'.repeat(64)].map(
      bytes,
    );
    // A byte 0 within a text is nothing that caches are proven for.
    for (const prompt of [...prompts, random, bytes('a\0b'), bytes('\0')]) {
      const whole = await generateText({ context: 64, run }, prompt);
      expect({ prompt, text: await pool.generate(model, prompt) }).toEqual({ prompt, text: whole });
    }
  }, 60_000);

  it('stops a text whose caller has gone', async () => {
    const pool = openPool();
    const model = await put(alphabetModel({ context: 4_096, last: '\xff' }));
    await pool.load(model);
    const caller = new AbortController();
    const generated = pool.generate(model, bytes('\x01'), { signal: caller.signal });
    caller.abort();

    await expect(generated).rejects.toMatchObject({ code: 'RunAborted' });
  });
});
