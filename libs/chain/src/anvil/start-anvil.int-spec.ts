import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createTestClient, http } from 'viem';
import { freePort, startAnvil, type Anvil, type AnvilOptions } from './start-anvil.js';

let folder: string;
let statePath: string;
const running: Anvil[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'openimo-anvil-'));
  statePath = join(folder, 'deep', 'chain.json');
});
afterEach(async () => {
  for (const anvil of running.splice(0)) await anvil.kill();
  await rm(folder, { recursive: true, force: true });
});

async function start(options: AnvilOptions = {}): Promise<Anvil> {
  const anvil = await startAnvil(options);
  running.push(anvil);
  return anvil;
}

const mine = (anvil: Anvil, blocks: number) =>
  createTestClient({ mode: 'anvil', chain: anvil.chain.client.chain, transport: http(anvil.rpcUrl) }).mine({ blocks });

describe('startAnvil', () => {
  it('serves a local chain until it is stopped', async () => {
    const anvil = await start();
    expect(await anvil.chain.health()).toMatchObject({ chainId: 31_337, blockNumber: 0n });

    await anvil.stop();
    await expect(anvil.chain.health()).rejects.toMatchObject({ code: 'RpcUnavailable', retryable: true });
  });

  it('keeps its blocks, its genesis and the present time over restarts', async () => {
    const first = await start({ statePath });
    await mine(first, 7);
    const genesis = await first.chain.genesisHash();
    await first.stop();

    for (let restart = 0; restart < 4; restart++) {
      const again = await start({ statePath });
      expect(await again.chain.genesisHash()).toBe(genesis);
      await mine(again, 1);
      const { blockNumber, blockAgeSeconds } = await again.chain.health();
      expect(blockNumber).toBe(BigInt(8 + restart));
      expect(blockAgeSeconds).toBeLessThan(5);
      await again.stop();
    }
  });

  it('loses no more than its state interval to SIGKILL', async () => {
    const first = await start({ statePath, stateIntervalSeconds: 1 });
    await mine(first, 7);
    while (!existsSync(statePath) || !(await readFile(statePath, 'utf8')).includes('"number":"0x7"')) await tick();
    await first.kill();

    expect((await (await start({ statePath })).chain.health()).blockNumber).toBe(7n);
  });

  it('goes back to the last complete state when it was killed while writing one', async () => {
    const first = await start({ statePath });
    await mine(first, 7);
    const genesis = await first.chain.genesisHash();
    await first.stop();
    await (await start({ statePath })).stop();
    await writeFile(statePath, '');

    const again = await start({ statePath });
    expect((await again.chain.health()).blockNumber).toBe(7n);
    expect(await again.chain.genesisHash()).toBe(genesis);
  });

  it('starts a new chain when the state was removed', async () => {
    const first = await start({ statePath });
    await mine(first, 7);
    await first.stop();
    await (await start({ statePath })).stop();
    await rm(statePath);

    expect((await (await start({ statePath })).chain.health()).blockNumber).toBe(0n);
  });

  it('starts no new chain in the place of one it cannot read', async () => {
    await mkdir(dirname(statePath), { recursive: true });
    await writeFile(statePath, '{"block"');

    await expect(start({ statePath })).rejects.toMatchObject({ code: 'ChainStateLost' });
  });

  it('says what is wrong when the port is taken', async () => {
    const port = await freePort();
    await start({ port });

    await expect(start({ port })).rejects.toMatchObject({ code: 'PortTaken', data: { port } });
  });

  it('ends the chain that a killed parent left on the same state', async () => {
    const program = fileURLToPath(new URL('../../dist/index.js', import.meta.url));
    const script = `const { startAnvil } = await import(process.argv[1]);
      console.log((await startAnvil({ statePath: process.argv[2] })).pid); setInterval(() => {}, 1000);`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script, program, statePath]);
    const [orphan] = (await once(parent.stdout, 'data')).map(Number);
    parent.kill('SIGKILL');
    await once(parent, 'exit');

    await start({ statePath });
    expect(isRunning(orphan!)).toBe(false);
  });
});

/** A process that ended and was not waited for has no command line any more. */
function isRunning(pid: number): boolean {
  return existsSync(`/proc/${pid}/cmdline`) && readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== '';
}

const tick = () => new Promise((resolve) => setTimeout(resolve, 20));
