import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('../../dist/stack/chain-process.js', import.meta.url));

let folder: string;
let child: ChildProcess;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'openimo-chain-'));
  child = spawn(process.execPath, ['--no-warnings', SCRIPT, '0', join(folder, 'state.json')], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
});
afterEach(async () => {
  child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

/** The chain's own process, as soon as there is one. */
async function chainPid(): Promise<number> {
  for (;;) {
    const pid = await readFile(join(folder, 'state.json.pid'), 'utf8').catch(() => '');
    if (pid !== '') return Number(pid);
    await sleep(1);
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe.each([
  ['is told to', () => child.kill('SIGTERM')],
  ['its parent is gone', () => child.disconnect()],
])('The process of the chain, where %s', (_, end) => {
  it('ends with its chain while that is starting', async () => {
    const pid = await chainPid();
    end();

    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(isAlive(pid)).toBe(false);
  });

  it('ends with its chain that is up', async () => {
    await once(child, 'message');
    const pid = await chainPid();
    end();

    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(isAlive(pid)).toBe(false);
  });
});
