import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFile, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Sha256 } from '@openimo/domain';
import { FolderModelStore } from './folder-model-store.js';

const CONTENT = Buffer.from('a model');
const SHA256: Sha256 = `0x${createHash('sha256').update(CONTENT).digest('hex')}`;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'store-spec-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** All files below the store's folder, uploads in progress included. */
async function filesOf(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

async function* chunksOf(content: Uint8Array, failure?: Error): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < content.length; start += 3) yield content.subarray(start, start + 3);
  if (failure !== undefined) throw failure;
}

describe('FolderModelStore', () => {
  it('gives back what was put under the sha256 of its bytes', async () => {
    const store = await FolderModelStore.open(folder);

    expect(await store.has(SHA256)).toBe(false);
    expect(await store.put(CONTENT)).toEqual({ sha256: SHA256, sizeBytes: 7 });

    expect(await store.has(SHA256)).toBe(true);
    expect(await store.get(SHA256)).toEqual(CONTENT);
    expect(await readFile(await store.pathOf(SHA256))).toEqual(CONTENT);
  });

  it('takes a stream as well, and is there for the next process', async () => {
    await (await FolderModelStore.open(folder)).put(chunksOf(CONTENT));

    const reopened = await FolderModelStore.open(folder);

    expect(await reopened.get(SHA256)).toEqual(CONTENT);
  });

  it('keeps one file of content that is put many times at once', async () => {
    const [one, two] = [await FolderModelStore.open(folder), await FolderModelStore.open(folder)];

    await Promise.all(Array.from({ length: 20 }, (_, index) => (index % 2 ? one : two).put(chunksOf(CONTENT))));

    expect(await filesOf(folder)).toEqual([`${SHA256.slice(2)}.onnx`]);
    expect(await one.get(SHA256)).toEqual(CONTENT);
  });

  it('does not know what was never put, nor anything that is not a hash', async () => {
    const store = await FolderModelStore.open(folder);
    const notFound = expect.objectContaining({ code: 'ModelNotFound' });

    await expect(store.get(SHA256)).rejects.toThrow(notFound);
    await expect(store.pathOf('0x../../etc/passwd')).rejects.toThrow(notFound);
    expect(await store.has('0x../../../../../../etc/passwd')).toBe(false);
  });

  it('notices that a file has changed, and heals when it is put again', async () => {
    const store = await FolderModelStore.open(folder);
    await store.put(CONTENT);
    await appendFile(await store.pathOf(SHA256), 'x');

    await expect(store.get(SHA256)).rejects.toThrow(expect.objectContaining({ code: 'ModelCorrupt' }));

    await store.put(CONTENT);
    expect(await store.get(SHA256)).toEqual(CONTENT);
  });

  it('refuses what exceeds its limit and keeps nothing of it', async () => {
    const store = await FolderModelStore.open(folder, { maxFileBytes: 6 });

    await expect(store.put(chunksOf(CONTENT))).rejects.toThrow(expect.objectContaining({ code: 'ModelFileTooLarge' }));

    expect(await filesOf(folder)).toEqual([]);
  });

  it('keeps nothing of a stream that breaks off', async () => {
    const store = await FolderModelStore.open(folder);

    await expect(store.put(chunksOf(CONTENT, new Error('connection lost')))).rejects.toThrow('connection lost');

    expect(await filesOf(folder)).toEqual([]);
  });

  it('shows no half file when its process is killed while it writes', async () => {
    const index = new URL('../../dist/index.js', import.meta.url).href;
    const script = `import { FolderModelStore } from ${JSON.stringify(index)};
      const store = await FolderModelStore.open(${JSON.stringify(folder)});
      await store.put((async function* () {
        yield Buffer.from('a mo');
        console.log('half');
        await new Promise((resolve) => setTimeout(resolve, 60_000));
      })());`;
    const writer = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise((resolve) => writer.stdout.once('data', resolve));

    writer.kill('SIGKILL');
    await new Promise((resolve) => writer.once('close', resolve));

    const store = await FolderModelStore.open(folder);
    expect((await filesOf(folder)).filter((name) => name.endsWith('.onnx'))).toEqual([]);
    expect(await readdir(join(folder, '.incoming'))).toHaveLength(1);
    await store.put(CONTENT);
    expect(await store.get(SHA256)).toEqual(CONTENT);
  });

  it('clears out uploads that were abandoned an hour ago, and leaves those in progress', async () => {
    const store = await FolderModelStore.open(folder);
    const [old, young] = ['old', 'young'].map((name) => join(folder, '.incoming', name)) as [string, string];
    await Promise.all([writeFile(old, 'x'), writeFile(young, 'x')]);
    const twoHoursAgo = new Date(Date.now() - 2 * 60 * 60 * 1000);
    await utimes(old, twoHoursAgo, twoHoursAgo);

    await FolderModelStore.open(folder);

    expect(await readdir(join(folder, '.incoming'))).toEqual(['young']);
    expect(await store.has(SHA256)).toBe(false);
  });
});
