import { readFile } from 'node:fs/promises';
import { modelRegistryAbi } from '@openimo/contracts';
import { digits, gpt } from '@openimo/models';
import { createWalletClient, decodeFunctionData, http, parseEther, parseEventLogs, zeroAddress } from 'viem';
import { generatePrivateKey, mnemonicToAccount, privateKeyToAccount } from 'viem/accounts';
import { IndexedChain } from '../testing/indexed-chain.js';
import { Publisher } from '../testing/publisher.js';
import { TestApi } from '../testing/test-api.js';

const MNEMONIC = 'test test test test test test test test test test test junk';
const FUNDED = mnemonicToAccount(MNEMONIC, { addressIndex: 9 });
/** Of the families that are there from the start. */
const PUBLISHER = mnemonicToAccount(MNEMONIC, { addressIndex: 1 });

/** Of the digits model; `openimo model verify` prints it. */
const ROOT = '0xa8dc880abb5bf39812df9451780e762296823512276ce270b28974738296d8e7';

let indexed: IndexedChain;
let api: TestApi;
let model: Buffer;

beforeAll(async () => {
  indexed = await IndexedChain.start();
  await indexed.story.publish();
  [api, model] = await Promise.all([TestApi.start(indexed), readFile(digits.modelPath)]);
});
afterAll(async () => {
  await api?.close();
  await indexed?.close();
});

const newPublisher = () => Publisher.signIn(api, privateKeyToAccount(generatePrivateKey()));

const CREATE = `mutation ($input: DraftInput!) {
  createDraft(input: $input) { __typename ... on Draft { draftId name licence cardUri prices { asset amount } } }
}`;
const UPDATE = `mutation ($draftId: String!, $input: DraftInput!) {
  updateDraft(draftId: $draftId, input: $input) { __typename ... on Draft { name licence familyId } }
}`;
const CHECK = `mutation ($draftId: String!) {
  checkDraft(draftId: $draftId) {
    __typename
    ... on Draft {
      checkStatus refusal { code message }
      report { sha256 modelRoot profileRefusal { code message } opset parameterCount inputs { name datatype shape } inputBytes operators { name count } runMs }
    }
    ... on ErrorResult { message }
  }
}`;
const RUN = `mutation ($draftId: String!, $inputs: [TensorInput!]!) {
  testRun(draftId: $draftId, inputs: $inputs) {
    __typename
    ... on TestRun { outputs { name datatype shape values data } milliseconds }
    ... on ErrorResult { message }
  }
}`;
const PUBLISH = `mutation ($draftId: String!) {
  publishDraft(draftId: $draftId) {
    __typename
    ... on PreparedPublication {
      step
      transaction { to data value chainId description }
      dryRun { succeeds gas refusal { message errorName } }
    }
    ... on DraftNotReady { problems }
    ... on ErrorResult { message }
  }
}`;
const LAUNCH = `mutation ($input: LaunchOfferingInput!) {
  launchOffering(input: $input) {
    __typename
    ... on PreparedOffering {
      transaction { to data value chainId description }
      dryRun { succeeds gas refusal { message errorName } }
    }
    ... on ErrorResult { message }
  }
}`;
const FAMILY = { name: 'Digits', operatorBps: 2_000, publisherBps: 2_000, holdersFloorBps: 5_000 };
const PRICE = { asset: zeroAddress, amount: parseEther('0.01').toString() };

async function checked(publisher: Publisher, input: object = {}, file = model): Promise<string> {
  const draftId = await publisher.draft(input);
  await publisher.upload(draftId, file);
  await publisher.do(CHECK, { draftId });
  return draftId;
}

describe('a draft', () => {
  it('keeps what its publisher writes, and changes only what is given', async () => {
    const publisher = await newPublisher();
    const { createDraft } = await publisher.do<{ createDraft: { draftId: string } }>(CREATE, {
      input: { name: 'Mine', licence: 'MIT', cardUri: 'ipfs://bafy/card.md', prices: [PRICE] },
    });
    const { draftId } = createDraft;

    expect(createDraft).toMatchObject({ __typename: 'Draft', name: 'Mine', prices: [PRICE] });
    expect(await publisher.do(UPDATE, { draftId, input: { familyId: '7' } })).toEqual({
      updateDraft: { __typename: 'Draft', name: 'Mine', licence: 'MIT', familyId: '7' },
    });
  });

  it('is not there for others, who have guessed its id', async () => {
    const [alice, bob] = [await newPublisher(), await newPublisher()];
    const draftId = await checked(alice, { licence: 'MIT' });

    expect(await bob.do('query ($draftId: String!) { myDraft(draftId: $draftId) { name } }', { draftId })).toEqual({
      myDraft: null,
    });
    for (const [mutation, variables] of [
      [UPDATE, { input: { name: 'stolen' } }],
      [CHECK, {}],
      [RUN, { inputs: [] }],
      [PUBLISH, {}],
    ] as const) {
      const [outcome] = Object.values(await bob.do<object>(mutation, { draftId, ...variables }));
      expect(outcome).toMatchObject({ __typename: 'DraftNotFound' });
    }
    expect(await bob.do('mutation ($draftId: String!) { deleteDraft(draftId: $draftId) }', { draftId })).toEqual({
      deleteDraft: false,
    });
    expect(await alice.do('{ myDrafts { draftId name } }')).toEqual({ myDrafts: [{ draftId, name: 'Untitled' }] });
  });

  it('needs the scope that it is asked with', async () => {
    const publisher = await newPublisher();
    const { createApiKey } = await publisher.do<{ createApiKey: { key: string } }>(
      'mutation { createApiKey(input: { name: "r", scopes: [read] }) { ... on CreatedApiKey { key } } }',
    );
    const headers = { authorization: `Bearer ${createApiKey.key}` };

    expect((await api.ask('{ myDrafts { name } }', {}, headers)).data).toEqual({ myDrafts: [] });
    expect((await api.ask(CREATE, { input: {} }, headers)).errors).toMatchObject([
      { extensions: { code: 'FORBIDDEN', reason: 'ScopeMissing', data: { scope: 'publish' } } },
    ]);
    expect((await api.ask(CREATE, { input: {} })).errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
  });

  it.each([
    [{ name: '' }, /1 to 64/],
    [{ licence: 'x'.repeat(65) }, /64 bytes/],
    [{ card: 'x'.repeat(70_000) }, /65536 bytes/],
    [{ cardUri: 'file:///etc/passwd' }, /like https/],
    [{ mostNewBytes: 0 }, /1 to 65534/],
    [{ prices: [{ asset: zeroAddress, amount: '0' }] }, /above zero/],
    [{ prices: [PRICE, PRICE] }, /One price per asset/],
    [{ familyTerms: { ...FAMILY, operatorBps: 10_001 } }, /basis points/],
    [{ familyTerms: { ...FAMILY, lineage: [{ shareBps: 1 }] } }, /either a parentFamilyId or a contributor/],
  ])('is not made of %j', async (input, message) => {
    const publisher = await newPublisher();

    expect((await api.ask(CREATE, { input }, publisher.headers)).errors).toMatchObject([
      { message: expect.stringMatching(message), extensions: { code: 'BAD_USER_INPUT', reason: 'DraftInputInvalid' } },
    ]);
  });
});

describe('text that the database has none of', () => {
  it.each([
    ['a name', CREATE, { input: { name: 'a\u0000b' } }],
    ['an id', 'query ($id: String!) { myDraft(draftId: $id) { name } }', { id: '\u0000' }],
    ['the id of a key', 'mutation ($id: String!) { revokeApiKey(keyId: $id) }', { id: '\u0000' }],
  ])('is refused as %s', async (_, query, variables) => {
    const publisher = await newPublisher();

    expect((await api.ask(query, variables, publisher.headers)).errors).toMatchObject([
      { message: expect.stringContaining('zero character'), extensions: { code: 'BAD_USER_INPUT' } },
    ]);
  });
});

describe('checking a draft', () => {
  it('reports what the file is', async () => {
    const publisher = await newPublisher();
    const draftId = await publisher.draft();
    await publisher.upload(draftId, model);

    expect(await publisher.do(CHECK, { draftId })).toMatchObject({
      checkDraft: {
        __typename: 'Draft',
        checkStatus: 'accepted',
        refusal: null,
        report: {
          modelRoot: ROOT,
          profileRefusal: null,
          inputs: [{ datatype: 'UINT8', shape: [1, 64] }],
          inputBytes: 64,
          runMs: expect.any(Number),
        },
      },
    });
  });

  it('accepts a file outside of the bit-exact profile without a model root, and says which node is to blame', async () => {
    const publisher = await newPublisher();
    const draftId = await publisher.draft();
    await publisher.upload(draftId, await readFile(gpt.floatPath));

    expect(await publisher.do(CHECK, { draftId })).toMatchObject({
      checkDraft: {
        checkStatus: 'accepted',
        report: {
          modelRoot: null,
          profileRefusal: {
            code: 'OperatorNotAllowed',
            message: expect.stringMatching(/^Node .* is not in the profile/),
          },
        },
      },
    });
  });

  it('says what is wrong with a file, and what to do', async () => {
    const publisher = await newPublisher();
    const draftId = await publisher.draft();
    await publisher.upload(draftId, Buffer.from('MZ this is not a model'));

    const { checkDraft } = await publisher.do<{ checkDraft: { refusal: { message: string } } }>(CHECK, { draftId });

    expect(checkDraft).toMatchObject({ checkStatus: 'refused', report: null, refusal: { code: 'ModelMalformed' } });
    expect(checkDraft.refusal.message).not.toContain(indexed.env['OPENIMO_MODELS']);
  });

  it('needs a file', async () => {
    const publisher = await newPublisher();

    expect(await publisher.do(CHECK, { draftId: await publisher.draft() })).toMatchObject({
      checkDraft: { __typename: 'DraftHasNoFile', message: expect.stringContaining('Upload') },
    });
  });
});

describe('trying a draft', () => {
  it('runs the model on given tensors, as numbers or as bytes', async () => {
    const publisher = await newPublisher();
    const draftId = await checked(publisher);
    const [{ name }] = digitInputs();
    const values = Array.from({ length: 64 }, (_, index) => index % 17);
    const data = `0x${Buffer.from(values).toString('hex')}`;

    const [byValues, byData] = await Promise.all(
      [
        { name, values },
        { name, data },
      ].map((input) => publisher.do<TestRunView>(RUN, { draftId, inputs: [input] })),
    );

    expect(byValues!.testRun).toMatchObject({ __typename: 'TestRun', milliseconds: expect.any(Number) });
    expect(byValues!.testRun.outputs.length).toBeGreaterThan(0);
    expect(byData!.testRun.outputs).toEqual(byValues!.testRun.outputs);
  });

  it.each([
    ['an input it does not have', [{ name: 'nonsense', values: [1] }], /has no input "nonsense"/],
    ['no input', [], /is missing/],
    ['too few elements', [{ name: 'IN', values: [1, 2] }], /64 elements/],
    ['elements out of range', [{ name: 'IN', values: Array(64).fill(300) }], /range of UINT8/],
    ['elements that are not whole', [{ name: 'IN', values: Array(64).fill(0.5) }], /whole numbers/],
    ['too few bytes', [{ name: 'IN', data: '0x00' }], /64 bytes/],
    ['both forms at once', [{ name: 'IN', values: [1], data: '0x00' }], /either data or values/],
  ])('refuses %s', async (_, inputs, message) => {
    const publisher = await newPublisher();
    const draftId = await checked(publisher);
    const [{ name }] = digitInputs();
    const named = inputs.map((input) => ({ ...input, name: input.name === 'IN' ? name : input.name }));

    expect(await publisher.do(RUN, { draftId, inputs: named })).toEqual({
      testRun: { __typename: 'TestRunFailed', message: expect.stringMatching(message) },
    });
  });
});

describe('publishing', () => {
  it('goes from a file to an offering with transactions that the wallet signs', async () => {
    const publisher = await Publisher.signIn(api, FUNDED);
    const draftId = await checked(publisher, { licence: 'MIT', prices: [PRICE], familyTerms: FAMILY });

    const first = (await publisher.do<PublishView>(PUBLISH, { draftId })).publishDraft;
    expect(first).toMatchObject({
      step: 'registerFamily',
      transaction: {
        to: indexed.chain.addresses.modelRegistry.toLowerCase(),
        value: '0',
        chainId: indexed.chain.client.chain.id,
        description: expect.stringContaining('Registers the model family "Digits"'),
      },
      dryRun: { succeeds: true, refusal: null },
    });
    const receipt = await send(first.transaction);
    const [registered] = parseEventLogs({ abi: modelRegistryAbi, logs: receipt.logs, eventName: 'FamilyRegistered' });
    const familyId = registered!.args.familyId.toString();
    await publisher.do(UPDATE, { draftId, input: { familyId } });

    const second = (await publisher.do<PublishView>(PUBLISH, { draftId })).publishDraft;
    expect(second).toMatchObject({ step: 'publishVersion', dryRun: { succeeds: true } });
    expect(second.transaction.description).toMatch(/licence MIT.*An inference costs 0\.01 ETH/);
    const published = await send(second.transaction);
    expect(published.status).toBe('success');
    const [version] = parseEventLogs({ abi: modelRegistryAbi, logs: published.logs, eventName: 'VersionPublished' });
    expect(version!.args.modelRoot).toBe(ROOT);

    const { launchOffering } = await publisher.do<{ launchOffering: { transaction: Prepared } }>(LAUNCH, {
      input: await offering(familyId, FUNDED.address),
    });
    expect(launchOffering).toMatchObject({ __typename: 'PreparedOffering', dryRun: { succeeds: true } });
    expect(launchOffering.transaction.description).toContain('at most 10 ETH; below 2 ETH everybody is refunded');
    expect((await send(launchOffering.transaction)).status).toBe('success');
  });

  it('publishes a version that writes text, for a file that does', async () => {
    const publisher = await Publisher.signIn(api, PUBLISHER);
    const file = await readFile(gpt.modelPath);
    const draftId = await checked(publisher, { licence: 'MIT', prices: [PRICE], familyId: '1' }, file);
    const publishing = async (mostNewBytes: number) => {
      await publisher.do(UPDATE, { draftId, input: { mostNewBytes } });
      return (await publisher.do<PublishView & { publishDraft: { problems?: string[] } }>(PUBLISH, { draftId }))
        .publishDraft;
    };

    const { myDraft } = await publisher.do<{ myDraft: object }>(
      'query ($draftId: String!) { myDraft(draftId: $draftId) { mostNewBytes report { textContext } } }',
      { draftId },
    );
    expect(myDraft).toEqual({ mostNewBytes: null, report: { textContext: gpt.context } });
    expect((await publishing(gpt.context)).problems).toEqual([expect.stringContaining(`below ${gpt.context}`)]);
    const { transaction, dryRun } = await publishing(24);
    expect(dryRun).toMatchObject({ succeeds: true });
    const { args } = decodeFunctionData({ abi: modelRegistryAbi, data: transaction.data });
    expect((args as unknown as [{ io: object }])[0].io).toEqual({
      ...{ minInput: 1, maxInput: gpt.context - 1, minOutput: 0, maxOutput: 24, context: gpt.context },
    });
  });

  it('asks no text of a file that writes none', async () => {
    const publisher = await Publisher.signIn(api, PUBLISHER);
    const draft = { licence: 'MIT', prices: [PRICE], familyId: '1', mostNewBytes: 24 };
    const { publishDraft } = await publisher.do<{ publishDraft: { problems: string[] } }>(PUBLISH, {
      draftId: await checked(publisher, draft),
    });
    expect(publishDraft.problems).toEqual([expect.stringContaining('does not write text')]);
  });

  it("says in the contract's words why a transaction would fail", async () => {
    const publisher = await newPublisher();
    const familyTerms = { ...FAMILY, holdersFloorBps: 100 };
    const draftId = await checked(publisher, { licence: 'MIT', prices: [PRICE], familyTerms });

    const { publishDraft } = await publisher.do<PublishView>(PUBLISH, { draftId });

    expect(publishDraft.dryRun).toEqual({
      succeeds: false,
      gas: null,
      refusal: {
        errorName: 'ModelRegistry_ShareOutOfBounds',
        message: expect.stringMatching(/^The contract refused: share out of bounds/),
      },
    });
  });

  it('lists what a draft lacks', async () => {
    const publisher = await newPublisher();
    const draftId = await publisher.draft();
    await publisher.upload(draftId, model);

    const { publishDraft } = await publisher.do<{ publishDraft: { problems: string[] } }>(PUBLISH, { draftId });

    expect(publishDraft).toMatchObject({ __typename: 'DraftNotReady' });
    expect(publishDraft.problems.join(' ')).toMatch(/Check the file.*licence.*price.*familyId/);
  });

  it('offers the token of nobody else’s family, and of none that there is not', async () => {
    const publisher = await newPublisher();
    for (const familyId of ['1', '999']) {
      expect(await publisher.do(LAUNCH, { input: await offering(familyId, zeroAddress) })).toMatchObject({
        launchOffering: { __typename: 'NotThePublisher' },
      });
    }
  });

  it('refuses terms that no contract could be given', async () => {
    const publisher = await Publisher.signIn(api, PUBLISHER);
    const terms = await offering('1', PUBLISHER.address);

    for (const changes of [{ claimableBps: 70_000 }, { closesAt: '2000-01-01T00:00:00Z' }]) {
      const { errors } = await api.ask(LAUNCH, { input: { ...terms, ...changes } }, publisher.headers);
      expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', reason: 'TermsInvalid' } }]);
    }
  });
});

interface TestRunView {
  testRun: { __typename: string; outputs: object[]; milliseconds: number };
}

interface Prepared {
  to: `0x${string}`;
  data: `0x${string}`;
  value: string;
  description: string;
}

interface PublishView {
  publishDraft: { step: string; transaction: Prepared; dryRun: object };
}

function digitInputs() {
  return [{ name: digits.inputs[0]!.name }] as const;
}

/** As a wallet would: what was prepared, and nothing else. */
async function send({ to, data, value }: Prepared) {
  const { client, anvil } = indexed.chain;
  const wallet = createWalletClient({ account: FUNDED, chain: client.chain, transport: http(anvil.rpcUrl) });
  const hash = await wallet.sendTransaction({ to, data, value: BigInt(value) });
  return client.waitForTransactionReceipt({ hash });
}

async function offering(familyId: string, to: string) {
  const opensAt = (await indexed.chain.now()) + 60;
  const at = (seconds: number) => new Date(seconds * 1_000).toISOString();
  return {
    familyId,
    tokenName: 'Digits Token',
    tokenSymbol: 'DIG',
    supply: parseEther('1000').toString(),
    offered: parseEther('600').toString(),
    liquidity: parseEther('400').toString(),
    liquidityRecipient: to,
    claimableBps: 8_000,
    softCap: parseEther('2').toString(),
    hardCap: parseEther('10').toString(),
    opensAt: at(opensAt),
    closesAt: at(opensAt + 3_600),
    fundsRecipient: to,
  };
}
