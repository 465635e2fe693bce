import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { modelRegistryAbi } from '@openimo/contracts';
import { digitsCnn } from '@openimo/models';
import { createPublicClient, createWalletClient, type Hex, http, parseEventLogs, zeroAddress } from 'viem';
import { mnemonicToAccount } from 'viem/accounts';
import { createSiweMessage } from 'viem/siwe';
import { eventually, Stack, temporaryFolder } from './support/openimo.js';

/** Somebody with ETH on every development chain whom nobody else plays. */
const account = mnemonicToAccount('test test test test test test test test test test test junk', { addressIndex: 10 });
const FAMILY = { name: 'Digits by API', operatorBps: 2_000, publisherBps: 2_000, holdersFloorBps: 5_000 };

interface Prepared {
  readonly step: string;
  readonly transaction: { to: Hex; data: Hex; value: string; chainId: number };
  readonly dryRun: { succeeds: boolean };
}

/** A publisher who has nothing but a wallet, a file and the address of the API. */
describe('publishing through the API', () => {
  let stack: Stack;
  let headers: Record<string, string> = {};

  beforeAll(async () => {
    stack = await Stack.start(await temporaryFolder());
  });
  afterAll(() => stack?.remove());

  const at = (path: string) => new URL(path, stack.record.api.graphql);
  const post = async <Answer>(path: string, body: object = {}): Promise<Answer> => {
    const response = await fetch(at(path), {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-openimo-request': '1', ...headers },
      body: JSON.stringify(body),
    });
    return (await response.json()) as Answer;
  };
  const graphql = async <Data>(query: string, variables: object = {}): Promise<Data> => {
    const { data, errors } = await post<{ data: Data; errors?: object }>('/graphql', { query, variables });
    if (errors !== undefined) throw new Error(JSON.stringify(errors));
    return data;
  };
  const send = async ({ transaction: { to, data, value } }: Prepared) => {
    const transport = http(stack.record.rpcUrl);
    const wallet = createWalletClient({ account, transport });
    const hash = await wallet.sendTransaction({ chain: null, to, data, value: BigInt(value) });
    return createPublicClient({ transport, pollingInterval: 100 }).waitForTransactionReceipt({ hash });
  };

  async function signIn(): Promise<string> {
    const { nonce, chainId, domains } = await post<{ nonce: string; chainId: number; domains: string[] }>(
      '/auth/nonce',
    );
    const { host: domain, origin: uri } = at('/');
    expect(domains).toContain(domain);
    const { address } = account;
    const message = createSiweMessage({ address, domain, uri, version: '1', chainId, nonce, issuedAt: new Date() });
    const signature = await account.signMessage({ message });
    return (await post<{ token: string }>('/auth/token', { message, signature })).token;
  }

  async function upload(draftId: string, bytes: Buffer): Promise<void> {
    const tus = (method: string, path: string | URL, more: Record<string, string>, body?: Buffer) =>
      fetch(new URL(path, at('/')), {
        method,
        headers: { ...headers, 'tus-resumable': '1.0.0', ...more },
        body: body && new Uint8Array(body),
      });
    const draft = Buffer.from(draftId).toString('base64');
    const length = String(bytes.length);
    const { headers: created } = await tus('POST', '/uploads', {
      'upload-length': length,
      'upload-metadata': `draftId ${draft}`,
    });
    const half = Math.floor(bytes.length / 2);
    for (const [offset, part] of [[0, bytes.subarray(0, half)] as const, [half, bytes.subarray(half)] as const]) {
      const more = { 'content-type': 'application/offset+octet-stream', 'upload-offset': String(offset) };
      expect((await tus('PATCH', created.get('location')!, more, part)).status).toBe(204);
    }
  }

  it('goes from a file to a version that operators serve, with nothing but the wallet to sign', async () => {
    headers = { authorization: `Bearer ${await signIn()}` };
    const { createApiKey } = await graphql<{ createApiKey: { key: string } }>(
      'mutation { createApiKey(input: { name: "ci", scopes: [read, publish] }) { ... on CreatedApiKey { key } } }',
    );
    headers = { authorization: `Bearer ${createApiKey.key}` };

    const { createDraft } = await graphql<{ createDraft: { draftId: string } }>(
      'mutation ($input: DraftInput!) { createDraft(input: $input) { ... on Draft { draftId } } }',
      { input: { licence: 'MIT', familyTerms: FAMILY, prices: [{ asset: zeroAddress, amount: '1000000000000000' }] } },
    );
    const { draftId } = createDraft;
    const file = await readFile(digitsCnn.modelPath);
    await upload(draftId, file);
    expect(
      await graphql('mutation ($id: String!) { checkDraft(draftId: $id) { ... on Draft { checkStatus } } }', {
        id: draftId,
      }),
    ).toEqual({ checkDraft: { checkStatus: 'accepted' } });

    const next = async () =>
      (
        await graphql<{ publishDraft: Prepared }>(
          `
            mutation ($id: String!) {
              publishDraft(draftId: $id) {
                ... on PreparedPublication {
                  step
                  transaction {
                    to
                    data
                    value
                    chainId
                  }
                  dryRun {
                    succeeds
                  }
                }
              }
            }
          `,
          { id: draftId },
        )
      ).publishDraft;
    const family = await next();
    expect(family).toMatchObject({ step: 'registerFamily', dryRun: { succeeds: true } });
    const { logs } = await send(family);
    const [registered] = parseEventLogs({ abi: modelRegistryAbi, logs, eventName: 'FamilyRegistered' });
    await graphql(
      'mutation ($id: String!, $input: DraftInput!) { updateDraft(draftId: $id, input: $input) { __typename } }',
      {
        id: draftId,
        input: { familyId: String(registered!.args.familyId) },
      },
    );
    const version = await next();
    expect(version).toMatchObject({ step: 'publishVersion', dryRun: { succeeds: true } });
    expect((await send(version)).status).toBe('success');

    const fileHash = `0x${createHash('sha256').update(file).digest('hex')}`;
    await eventually('operators to serve the version', async () => {
      const { versions } = await graphql<{ versions: { nodes: { operatorCount: number }[] } }>(
        'query ($fileHash: Hex!) { versions(where: { fileHash: $fileHash }) { nodes { operatorCount } } }',
        { fileHash },
      );
      return (versions.nodes[0]?.operatorCount ?? 0) > 0;
    });
  });
});
