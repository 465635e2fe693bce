import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Anvil, freePort, startAnvil } from '@openimo/chain';
import { type Deployment, local, stringifyDeployment } from '@openimo/contracts';
import { openReader } from './reader.js';

const ADDRESS = '0x00000000000000000000000000000000000000aa';
const NAMES = [
  'modelRegistry',
  'revenueRouter',
  'offeringFactory',
  'operatorRegistry',
  'inferenceOracle',
  'disputeGame',
  'audits',
] as const;

let folder: string;
let anvil: Anvil;
let record: Deployment;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'openimo-reader-'));
  anvil = await startAnvil();
  await anvil.chain.client.request({ method: 'anvil_setCode' as never, params: [ADDRESS, '0x00'] as never });
  record = {
    chainId: 31_337,
    genesisHash: await anvil.chain.genesisHash(),
    startBlock: 0n,
    deployer: ADDRESS,
    protocolTreasury: ADDRESS,
    addresses: Object.fromEntries(NAMES.map((name) => [name, ADDRESS])) as unknown as Deployment['addresses'],
    parameters: local,
  };
});
afterAll(async () => {
  await anvil?.kill();
  rmSync(folder, { recursive: true });
});

const write = (content: string) => {
  const path = join(folder, 'deployment.json');
  writeFileSync(path, content);
  return path;
};
const open = (changed: Partial<Deployment> = {}, places: { rpcUrl?: string; models?: string } = {}) => {
  const deployment = write(stringifyDeployment({ ...record, ...changed }));
  return openReader(folder, { rpcUrl: anvil.rpcUrl, models: folder, ...places, deployment });
};

describe('openReader', () => {
  it('reads a deployment that its chain has', async () => {
    expect(await open()).toMatchObject({ rpcUrl: anvil.rpcUrl, deployment: record, modelsPath: folder });
  });

  it.each(['{"digit":"1"}', '[]', 'null', '{', ''])('takes %j for no deployment record', async (content) => {
    const deployment = write(content);
    const opening = openReader(folder, { rpcUrl: anvil.rpcUrl, models: folder, deployment });
    await expect(opening).rejects.toMatchObject({ code: 'DeploymentUnreadable', data: { path: deployment } });
  });

  it.each<[string, string, Partial<Deployment>]>([
    ['another id', 'WrongChain', { chainId: 1 }],
    ['another first block', 'ForeignDeployment', { genesisHash: `0x${'ab'.repeat(32)}` }],
  ])('refuses a deployment on a chain with %s', async (_, code, changed) => {
    await expect(open(changed)).rejects.toMatchObject({ code });
  });

  it('refuses a deployment that is not where it says', async () => {
    const inferenceOracle = '0x00000000000000000000000000000000000000bb';
    await expect(open({ addresses: { ...record.addresses, inferenceOracle } })).rejects.toMatchObject({
      code: 'ForeignDeployment',
      message: expect.stringContaining(`no contract at ${inferenceOracle}`),
    });
  });

  it.each(['nonsense', 'ftp://127.0.0.1', ''])('takes %j for no URL of an RPC', async (rpcUrl) => {
    await expect(open({}, { rpcUrl })).rejects.toMatchObject({ code: 'RpcUrlMalformed' });
  });

  it('names the host that does not answer, and not the key in its URL', async () => {
    const port = await freePort();
    const opening = open({}, { rpcUrl: `http://user:secret@127.0.0.1:${port}/v2/api-key` });
    await expect(opening).rejects.toMatchObject({
      code: 'RpcUnavailable',
      message: `No chain answers at 127.0.0.1:${port}. Is the node up, and the URL right?`,
    });
  });

  it.each(['nowhere', 'deployment.json'])('makes no folder for models where there is none: %s', async (name) => {
    const models = join(folder, name);
    await expect(open({}, { models })).rejects.toMatchObject({ code: 'ModelsFolderMissing', data: { path: models } });
  });
});
