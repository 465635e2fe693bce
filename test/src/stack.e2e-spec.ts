import { once } from 'node:events';
import { truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { inferenceOracleAbi, modelRegistryAbi, parseDeployment } from '@openimo/contracts';
import { commitFile, toHex } from '@openimo/donnx';
import { digitsCnn } from '@openimo/models';
import { openDatabase } from '@openimo/persistence';
import { readFileSync } from 'node:fs';
import { createPublicClient, http } from 'viem';
import { mnemonicToAccount } from 'viem/accounts';
import { eventually, openimo, processesOn, Stack, temporaryFolder } from './support/openimo.js';

/** Long enough to miss the exclusive window; `test:deep` takes the minute that the request has. */
const DATABASE_OUTAGE_MS = process.env.OPENIMO_DEEP ? 45_000 : 12_000;

const MNEMONIC = 'test test test test test test test test test test test junk';
const DAVE = 10;

/** One stack, used as a person would use it, and then mistreated. */
describe('openimo dev', () => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await Stack.start(await temporaryFolder());
  });

  afterAll(async () => {
    await stack.remove();
  });

  const client = () => createPublicClient({ transport: http(stack.record.rpcUrl), pollingInterval: 100 });
  const deployment = () => parseDeployment(readFileSync(stack.record.deployment, 'utf8'));
  const requestCount = () =>
    client().readContract({
      address: deployment().addresses.inferenceOracle,
      abi: inferenceOracleAbi,
      functionName: 'requestCount',
    });

  const familyCount = () =>
    client().readContract({
      address: deployment().addresses.modelRegistry,
      abi: modelRegistryAbi,
      functionName: 'familyCount',
    });

  const readModel = async () =>
    JSON.parse((await openimo(stack.folder, '--json', 'db', 'status')).stdout) as {
      block: string;
      ready: boolean;
      problems: string[];
    };
  const isIndexerReady = () =>
    fetch(`http://127.0.0.1:${stack.record.indexer.httpPort}/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  const meta = async () => {
    const response = await fetch(stack.record.api.graphql, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ _meta { indexedBlock chainHead lag } }' }),
    });
    const { data } = (await response.json()) as { data: { _meta: Record<string, string> } };
    return data._meta;
  };
  /** Whatever the read model says that happened up to a block, as text. */
  const eventRows = async (untilBlock: bigint): Promise<string[]> => {
    const database = await openDatabase(stack.record.databaseUrl, { migrate: false });
    try {
      const tables = await database.query<{ name: string }[]>(
        `select table_name as name from information_schema.columns where column_name = 'log_index' and table_name <> 'outbox' order by 1`,
      );
      const rows: string[] = [];
      for (const { name } of tables) {
        const found = await database.query<{ row: string }[]>(
          `select '${name} ' || t::text as row from ${name} t where block_number <= $1 order by 1`,
          [untilBlock.toString()],
        );
        rows.push(...found.map(({ row }) => row));
      }
      return rows;
    } finally {
      await database.destroy();
    }
  };

  it('says what runs where and what to try', () => {
    expect(stack.printed).toContain('OpenIMO is ready');
    expect(stack.printed).toContain(stack.record.rpcUrl);
    expect(stack.printed).toContain('npm run demo');
    expect(stack.record.operators).toHaveLength(3);
    expect(stack.printed).toContain(`http://127.0.0.1:${stack.record.indexer.httpPort}/status`);
  });

  it('serves GraphQL at the address that it prints', async () => {
    expect(stack.printed).toContain(stack.record.api.graphql);
    expect(Number((await meta()).indexedBlock)).toBeGreaterThan(10);
  });

  it('has one example model published, with an open offering', async () => {
    const version = await client().readContract({
      address: deployment().addresses.modelRegistry,
      abi: modelRegistryAbi,
      functionName: 'version',
      args: [1n],
    });
    expect(version.licence).toBe(digitsCnn.license);
    expect(version.modelRoot).toBe(toHex(commitFile(readFileSync(digitsCnn.modelPath)).modelRoot));
    const shown = await openimo(stack.folder, 'offering', 'show', '1');
    expect(shown.stdout).toMatch(/state\s+open/);
  });

  it('answers a request', async () => {
    const asked = await openimo(stack.folder, '--json', 'request', '--digit', '7', '--as', 'alice');
    expect(asked).toMatchObject({ code: 0 });
    const { output } = JSON.parse(asked.stdout) as { output: `0x${string}` };
    expect(digitsCnn.decode(Buffer.from(output.slice(2), 'hex')).label).toBe(7);
  });

  it('lists requests in their order, whatever their ids', async () => {
    await openimo(stack.folder, 'request', '--digit', '3', '--as', 'bob');
    const { stdout } = await openimo(stack.folder, 'status');
    expect(stdout).toMatch(/operator-1\s+20 ETH staked, .* 2 versions, ready/);
    expect(stdout).toMatch(/request 1\s+\d{20,}, version 1, (asserted|final)/);
    expect(stdout).toMatch(/request 2\s+\d{20,}, version 1, (asserted|final)/);
  });

  it('writes Solidity on from a prompt', async () => {
    const asked = await openimo(stack.folder, '--json', 'request', '--prompt', 'function transfer(', '--as', 'alice');
    expect(asked).toMatchObject({ code: 0 });
    const { output, text } = JSON.parse(asked.stdout) as { output: `0x${string}`; text: string };
    expect(Buffer.from(output.slice(2), 'hex').toString()).toBe(text);
    expect(text).toContain('address to');
  });

  it('takes a commitment, and gives it back', async () => {
    expect(await openimo(stack.folder, 'offering', 'commit', '1', '--as', 'bob', '--amount', '2')).toMatchObject({
      code: 0,
    });
    expect((await openimo(stack.folder, 'offering', 'show', '1')).stdout).toContain('2 ETH by 1 buyers');
    expect(await openimo(stack.folder, 'offering', 'uncommit', '1', '--as', 'bob', '--amount', '2')).toMatchObject({
      code: 0,
    });
    expect((await openimo(stack.folder, 'offering', 'show', '1')).stdout).toContain('0 ETH by');
  });

  it.each([
    ['an amount that is no number', ['offering', 'commit', '1', '--amount', 'much'], 'AmountMalformed'],
    ['an offering that is none', ['offering', 'show', '999'], 'NoSuchOffering'],
    ['an account it does not know', ['request', '--digit', '1', '--as', 'nobody'], 'UnknownAccount'],
    ['more than was committed', ['offering', 'uncommit', '1', '--amount', '5'], 'InsufficientCommitment'],
    ['a settlement before the close', ['offering', 'settle', '1'], 'WrongState'],
    ['a model file that is not there', ['model', 'check', 'nothing.onnx'], 'ModelFileNotFound'],
    ['a prompt of nothing', ['request', '--prompt', ''], 'PromptEmpty'],
    ['a prompt that is too long', ['request', '--prompt', 'x'.repeat(64)], 'PromptTooLong'],
    ['a prompt of a model that does not write', ['request', '--version', '1', '--prompt', 'x'], 'NotATextModel'],
    ['a version that is none', ['request', '--digit', '1', '--version', '77'], 'NoSuchVersion'],
    ['a version that is no number', ['request', '--digit', '1', '--version', 'two'], 'NotANumber'],
    ['an input that is not there', ['request', '--input', 'nothing.bin'], 'FileNotReadable'],
    ['a price below nothing', ['model', 'publish', 'm.onnx', '--licence', 'MIT', '--price', '-1'], 'AmountOutOfRange'],
  ])('refuses %s with a clear error', async (_, args, error) => {
    const refused = await openimo(stack.folder, ...args);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(error);
    expect(refused.stderr).not.toContain('    at ');
  });

  it('says whose money is too little', async () => {
    const { address } = mnemonicToAccount(MNEMONIC, { addressIndex: DAVE });
    await client().request({ method: 'anvil_setBalance' as never, params: [address, '0x1'] as never });
    const refused = await openimo(stack.folder, 'request', '--digit', '1', '--as', 'dave');
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining(`dave (${address}) has 1 wei`) });
    expect(refused.stderr).not.toContain('    at ');
  });

  it('refuses an input of the wrong length on-chain, and nothing is paid', async () => {
    const before = await requestCount();
    const input = join(stack.folder, 'short.bin');
    await writeFile(input, new Uint8Array(63));
    const refused = await openimo(stack.folder, 'request', '--input', input);
    expect(refused.stderr).toContain('WrongInputLength');
    expect(await requestCount()).toBe(before);
  });

  it.each([
    ['truncated', async (path: string) => writeFile(path, readFileSync(digitsCnn.modelPath).subarray(0, 3_000))],
    ['random', async (path: string) => writeFile(path, Buffer.alloc(500, 0xa7))],
    [
      'a gigabyte long',
      async (path: string) => {
        await writeFile(path, '');
        await truncate(path, 2 ** 30);
      },
    ],
  ])('refuses a model file that is %s, and the publisher pays nothing, not even for a family', async (_, write) => {
    const path = join(stack.folder, 'bad.onnx');
    await write(path);
    const families = await familyCount();
    const refused = await openimo(stack.folder, 'model', 'publish', path, '--licence', 'MIT');
    expect(await familyCount()).toBe(families);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/Model\w+:/);
    expect(refused.stderr).not.toContain('    at ');
  });

  it('refuses a second start in the same folder', async () => {
    const second = await openimo(stack.folder, 'dev', '--rpc-port', '0', '--api-port', '0');
    expect(second.code).toBe(1);
    expect(second.stderr).toContain('StackRunning');
    expect(second.stderr).toContain(String(stack.process.pid));
  });

  it.each(['--rpc-port', '--api-port'])('refuses a port that is taken, and names it: %s', async (option) => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const refused = await openimo(
      await temporaryFolder(),
      'dev',
      '--rpc-port',
      '0',
      '--api-port',
      '0',
      option,
      String(port),
    );
    server.close();
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(`Port ${port} is taken`);
    expect(refused.stderr).toContain(`npm start -- ${option}`);
  });

  it('brings an operator back that was killed, and the next request is answered', async () => {
    const [victim] = stack.record.operators;
    process.kill(victim!.pid, 'SIGKILL');
    await eventually('the operator to be back', () =>
      stack.record.operators.every(({ name, pid }) => name !== victim!.name || pid !== victim!.pid),
    );
    expect(await openimo(stack.folder, 'request', '--digit', '3')).toMatchObject({ code: 0 });
  });

  it.each(['chain', 'database'] as const)(
    'brings the %s back that was killed, and the operators go on where they were',
    async (service) => {
      const victim = stack.record.services[service];
      process.kill(victim, 'SIGKILL');
      await eventually(`the ${service} to be back`, () => stack.record.services[service] !== victim);
      const asked = await openimo(stack.folder, '--json', 'request', '--digit', '8');
      expect(asked).toMatchObject({ code: 0 });
      const { output } = JSON.parse(asked.stdout) as { output: `0x${string}` };
      expect(digitsCnn.decode(Buffer.from(output.slice(2), 'hex')).label).toBe(8);
    },
  );

  it('brings the indexer back that was killed, and it goes on where it was', async () => {
    const { pid } = stack.record.indexer;
    process.kill(pid, 'SIGKILL');
    await eventually('the indexer to be back', () => stack.record.indexer.pid !== pid);
    expect(await readModel()).toMatchObject({ ready: true, problems: [] });
  });

  it('brings GraphQL back that was killed, at the same address', async () => {
    const { pid, graphql } = stack.record.api;
    process.kill(pid, 'SIGKILL');
    await eventually('GraphQL to be back', () => stack.record.api.pid !== pid);
    expect(stack.record.api.graphql).toBe(graphql);
    expect(await meta()).toMatchObject({ lag: expect.stringMatching(/^\d$/) });
  });

  it('rebuilds the read model to the same rows while everything else runs', async () => {
    const { block: until } = await readModel();
    const before = await eventRows(BigInt(until));
    expect(before.length).toBeGreaterThan(20);

    const rebuilt = await openimo(stack.folder, '--json', 'db', 'rebuild');
    expect(rebuilt).toMatchObject({ code: 0, stderr: expect.stringContaining('100.0 %') });
    await eventually('the indexer to be well', isIndexerReady);
    expect(await eventRows(BigInt(until))).toEqual(before);

    const partly = await openimo(stack.folder, '--json', 'db', 'rebuild', '--from', '20', '--to', '40');
    expect(JSON.parse(partly.stdout)).toMatchObject({ block: '40' });
    await eventually('the indexer to be well', isIndexerReady);
    expect(await eventRows(BigInt(until))).toEqual(before);
  });

  it('answers what was asked while the database was away', async () => {
    const { database } = stack.record.services;
    process.kill(database, 'SIGSTOP');
    const asked = openimo(stack.folder, 'request', '--digit', '2');
    await new Promise((resolve) => setTimeout(resolve, DATABASE_OUTAGE_MS));
    process.kill(database, 'SIGCONT');
    expect(await asked).toMatchObject({ code: 0 });
  });

  it('keeps its state over a restart, and is ready within 30 s', async () => {
    const before = { requests: await requestCount(), deployment: readFileSync(stack.record.deployment, 'utf8') };
    expect((await stack.interrupt()).code).toBe(0);
    const startedAt = Date.now();
    stack = await Stack.start(stack.folder);
    expect(Date.now() - startedAt).toBeLessThan(30_000);
    expect(readFileSync(stack.record.deployment, 'utf8')).toBe(before.deployment);
    expect(await requestCount()).toBe(before.requests);
    expect(await openimo(stack.folder, 'request', '--digit', '5')).toMatchObject({ code: 0 });
  });

  it('leaves nothing running when it was killed, and starts again', async () => {
    const { rpcUrl, operators } = stack.record;
    await stack.end('SIGKILL');
    await eventually('the children to end', () => operators.every(({ pid }) => !isAlive(pid)));
    await eventually('the chain to end', () =>
      fetch(rpcUrl).then(
        () => false,
        () => true,
      ),
    );
    stack = await Stack.start(stack.folder);
    expect(await openimo(stack.folder, 'request', '--digit', '1')).toMatchObject({ code: 0 });
  });

  it('starts again on its ports where everything was killed at once, and loses nothing that was asked', async () => {
    const { rpcUrl, api, services, indexer, operators } = stack.record;
    const before = await requestCount();
    const asking = openimo(stack.folder, 'request', '--digit', '4');
    await eventually('the request', async () => (await requestCount()) > before, { everyMs: 20 });
    for (const { pid } of [...operators, indexer, api]) process.kill(pid, 'SIGKILL');
    for (const pid of Object.values(services)) process.kill(pid, 'SIGKILL');
    await stack.end('SIGKILL');
    await asking;

    stack = await Stack.start(
      stack.folder,
      ...['--rpc-port', new URL(rpcUrl).port, '--api-port', new URL(api.graphql).port],
    );

    expect(stack.record).toMatchObject({ rpcUrl, api: { graphql: api.graphql } });
    expect(await requestCount()).toBe(before + 1n);
    const [asked] = (
      await client().getContractEvents({
        address: deployment().addresses.inferenceOracle,
        abi: inferenceOracleAbi,
        eventName: 'RequestOpened',
        fromBlock: deployment().startBlock,
      })
    ).slice(-1);
    const { requestId } = asked!.args;
    const open = 1;
    const request = () =>
      client().readContract({
        address: deployment().addresses.inferenceOracle,
        abi: inferenceOracleAbi,
        functionName: 'request',
        args: [requestId!],
      });
    // A start that takes longer than the request has gives the money back instead.
    await eventually('an answer, or the money', async () => (await request()).status !== open, { timeoutMs: 200_000 });
    expect(await openimo(stack.folder, 'request', '--digit', '1')).toMatchObject({ code: 0 });
  });
});

/** Before it has started anything, while it starts services, and while it publishes. */
const INTERRUPTED_AFTER_MS = [100, 800, 1_500, 4_000];

it('openimo dev ends cleanly whenever it is interrupted during its start, and the next start goes on', async () => {
  const folder = await temporaryFolder();
  for (const afterMs of INTERRUPTED_AFTER_MS) {
    const interrupted = Stack.launch(folder);
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    const { stderr } = await interrupted.interrupt();
    expect({ afterMs, stderr }).toEqual({ afterMs, stderr: expect.not.stringContaining('    at ') });
    expect({ afterMs, left: await processesOn(folder) }).toEqual({ afterMs, left: [] });
  }
  const stack = await Stack.start(folder);
  await stack.remove();
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
