import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockFolder } from './folder-lock.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'openimo-lock-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const lockFile = () => join(folder, 'owner.lock');

async function pidOfTheDead(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  return child.pid!;
}

describe('lockFolder', () => {
  it('names the process and the folder when somebody has it', async () => {
    await lockFolder(folder);

    await expect(lockFolder(folder)).rejects.toMatchObject({
      code: 'DataFolderInUse',
      message: expect.stringMatching(new RegExp(`${process.pid}.*${folder}`)),
      data: { pid: process.pid, folder },
    });
  });

  it('gives the folder back', async () => {
    await (await lockFolder(folder)).release();

    await expect(lockFolder(folder)).resolves.toBeDefined();
  });

  it('makes the folder if it is not there', async () => {
    await expect(lockFolder(join(folder, 'a', 'b'))).resolves.toBeDefined();
  });

  it.each([
    ['of a process that is gone', async () => ({ token: 'x', pid: await pidOfTheDead(), started: '1' })],
    ['of a process whose number another has now', async () => ({ token: 'x', pid: process.pid, started: '1' })],
  ])('takes over the lock %s', async (_, owner) => {
    await writeFile(lockFile(), JSON.stringify(await owner()));

    await lockFolder(folder);
    expect(JSON.parse(await readFile(lockFile(), 'utf8'))).toMatchObject({ pid: process.pid });
  });

  it('takes over a lock that was only half written', async () => {
    await writeFile(lockFile(), '{"pid":');

    await expect(lockFolder(folder)).resolves.toBeDefined();
  });

  it('goes to one of many who find a stale lock at once, and leaves nothing else behind', async () => {
    await writeFile(lockFile(), JSON.stringify({ token: 'x', pid: await pidOfTheDead(), started: '1' }));

    const takers = await Promise.allSettled(Array.from({ length: 20 }, () => lockFolder(folder)));
    expect(takers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await readdir(folder)).toEqual(['owner.lock']);
  });

  it('does not release a lock that another process has taken since', async () => {
    const lock = await lockFolder(folder);
    await writeFile(lockFile(), JSON.stringify({ token: 'other', pid: process.pid, started: '1' }));
    await lock.release();

    expect(JSON.parse(await readFile(lockFile(), 'utf8'))).toMatchObject({ token: 'other' });
  });
});
