import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { serializeErc6492Signature } from 'viem/utils';
import { IndexedChain } from '../testing/indexed-chain.js';
import { post, signed, signIn, signInByCookie, signInMessage } from '../testing/sign-in.js';
import { SmartWallets } from '../testing/smart-wallet.js';
import { TestApi } from '../testing/test-api.js';

let indexed: IndexedChain;
let api: TestApi;
let wallets: SmartWallets;

beforeAll(async () => {
  indexed = await IndexedChain.start();
  [api, wallets] = await Promise.all([TestApi.start(indexed), SmartWallets.deploy(indexed.chain)]);
});
afterAll(async () => {
  await api?.close();
  await indexed?.close();
});

const newAccount = () => privateKeyToAccount(generatePrivateKey());
const SESSIONS = '{ mySessions { sessionId isCurrent userAgent } }';

describe('signing in', () => {
  it('gives a page a cookie that no script and no other site can use', async () => {
    const account = newAccount();

    const { status, body, cookie } = await post(
      api,
      '/auth/session',
      await signed(account, await signInMessage(api, account.address)),
    );

    expect({ status, body }).toMatchObject({ status: 200, body: { address: account.address.toLowerCase() } });
    expect(cookie).toMatch(/^openimo_session=[0-9a-f]{64}; HttpOnly; SameSite=Strict; Path=\/; Max-Age=\d+$/);
    expect(await api.ask(SESSIONS, {}, { cookie: cookie! })).toMatchObject({
      data: { mySessions: [{ isCurrent: true }] },
    });
  });

  it('marks the cookie Secure where the page is served over TLS', async () => {
    const behindProxy = await TestApi.start(indexed, { env: { OPENIMO_PUBLIC_URL: 'https://api.example' } });
    const account = newAccount();
    const message = await signInMessage(behindProxy, account.address, {
      domain: 'api.example',
      uri: 'https://api.example',
    });

    const { cookie } = await post(behindProxy, '/auth/session', await signed(account, message));

    expect(cookie).toContain('; Secure');
    await behindProxy.close();
  });

  it('gives a program a short-lived token', async () => {
    const headers = await signIn(api, newAccount());

    const { data } = await api.ask(SESSIONS, {}, headers);

    expect(data).toMatchObject({ mySessions: [{ isCurrent: true }] });
  });

  it('works for a wallet that is a contract (ERC-1271)', async () => {
    const owner = newAccount();
    const wallet = await wallets.deployWallet(owner.address);
    const message = await signInMessage(api, wallet);

    expect(await post(api, '/auth/session', await signed(owner, message))).toMatchObject({
      status: 200,
      body: { address: wallet.toLowerCase() },
    });
    const byStranger = await signed(newAccount(), await signInMessage(api, wallet));
    expect(await post(api, '/auth/session', byStranger)).toMatchObject({
      status: 401,
      body: { error: { reason: 'SignInSignatureWrong' } },
    });
  });

  it('works for a contract that is still to be deployed (ERC-6492)', async () => {
    const owner = newAccount();
    const { address, factoryData } = await wallets.foresee(owner.address);
    const message = await signInMessage(api, address);
    const wrapped = (signature: `0x${string}`) =>
      serializeErc6492Signature({ address: wallets.factory, data: factoryData, signature });

    const byStranger = wrapped(await newAccount().signMessage({ message }));
    expect((await post(api, '/auth/session', { message, signature: byStranger })).status).toBe(401);
    const byOwner = wrapped(await owner.signMessage({ message }));
    expect(await post(api, '/auth/session', { message, signature: byOwner })).toMatchObject({
      status: 200,
      body: { address: address.toLowerCase() },
    });
    expect(await indexed.chain.client.getCode({ address })).toBeUndefined();
  });
});

describe('a sign-in is refused', () => {
  const minutes = (count: number) => new Date(Date.now() + count * 60_000);

  it.each([
    ['for another domain', { domain: 'evil.example', uri: 'https://evil.example' }, 'SignInDomainWrong'],
    ['with the URI of another site', { uri: 'https://evil.example/login' }, 'SignInUriWrong'],
    ['for another chain', { chainId: 1 }, 'SignInChainWrong'],
    ['that has expired', { expirationTime: minutes(-1) }, 'SignInExpired'],
    ['that was issued long ago', { issuedAt: minutes(-20) }, 'SignInExpired'],
    ['that is not valid yet', { notBefore: minutes(10) }, 'SignInNotYetValid'],
    ['that comes from the future', { issuedAt: minutes(10) }, 'SignInNotYetValid'],
    ['with a nonce that is none of ours', { nonce: 'a'.repeat(76) }, 'SignInNonceInvalid'],
  ])('%s', async (_, changes, reason) => {
    const account = newAccount();
    const body = await signed(account, await signInMessage(api, account.address, changes));

    const answer = await post(api, '/auth/session', body);

    expect(answer).toMatchObject({ status: 401, body: { error: { code: 'UNAUTHENTICATED', reason } }, cookie: null });
    expect(answer.body.error!.message).not.toBe('');
  });

  it('of a message that was used before, however often and wherever it is sent at once', async () => {
    const account = newAccount();
    const body = await signed(account, await signInMessage(api, account.address));

    const answers = await Promise.all(Array.from({ length: 5 }, () => post(api, '/auth/session', body)));

    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401, 401]);
    expect(await post(api, '/auth/token', body)).toMatchObject({
      status: 401,
      body: { error: { reason: 'SignInNonceUsed' } },
    });
  });

  it('with the signature of somebody else, or of other text, without using up the nonce', async () => {
    const account = newAccount();
    const message = await signInMessage(api, account.address);
    const right = await signed(account, message);
    const stranger = await signed(newAccount(), message);

    for (const signature of [
      stranger.signature,
      `0x${'00'.repeat(65)}`,
      '0x',
      (await signed(account, 'x')).signature,
    ]) {
      expect(await post(api, '/auth/session', { message, signature })).toMatchObject({
        status: 401,
        body: { error: { reason: 'SignInSignatureWrong' } },
      });
    }
    expect((await post(api, '/auth/session', right)).status).toBe(200);
  });

  it.each([
    [{ message: 'let me in', signature: '0x00' }],
    [{ message: 7, signature: [] }],
    [{}],
    [{ message: 'x'.repeat(10_000), signature: '0x00' }],
  ])('of a body that is no sign-in: %j', async (body) => {
    expect(await post(api, '/auth/session', body)).toMatchObject({
      status: 400,
      body: { error: { code: 'BAD_USER_INPUT', reason: 'SignInMessageMalformed' } },
    });
  });

  it('by a page of another origin, and by one that cannot set our header', async () => {
    const account = newAccount();
    const body = await signed(account, await signInMessage(api, account.address));

    expect(await post(api, '/auth/session', body, { origin: 'https://evil.example' })).toMatchObject({
      status: 403,
      body: { error: { reason: 'OriginNotAllowed' } },
    });
    const bare = await fetch(new URL('/auth/session', api.url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(bare.status).toBe(403);
    expect((await post(api, '/auth/session', body, { origin: new URL(api.url).origin })).status).toBe(200);
  });

  it('whatever Host header an attacker makes up for the message of a phished visitor', async () => {
    const account = newAccount();
    const message = await signInMessage(api, account.address, { domain: 'evil.example', uri: 'https://evil.example' });

    expect(await post(api, '/auth/session', await signed(account, message), { host: 'evil.example' })).toMatchObject({
      status: 401,
    });
  });
});

describe('a session', () => {
  it('ends with signing out, and its tokens with it', async () => {
    const account = newAccount();
    const cookie = await signInByCookie(api, account);
    const token = (await post(api, '/auth/token', {}, cookie)).body['token'];
    const byToken = { authorization: `Bearer ${token}` };
    expect((await api.ask(SESSIONS, {}, byToken)).errors).toBeUndefined();

    const { cookie: taken } = await post(api, '/auth/sign-out', {}, cookie);

    expect(taken).toMatch(/^openimo_session=; .*Max-Age=0$/);
    for (const headers of [cookie, byToken]) {
      expect((await api.ask(SESSIONS, {}, headers)).errors).toMatchObject([
        { extensions: { code: 'UNAUTHENTICATED', reason: 'CredentialsInvalid' } },
      ]);
    }
  });

  it('changes nothing by cookie alone: the header has to be there', async () => {
    const cookie = await signInByCookie(api, newAccount());
    const mutation = 'mutation { revokeOtherSessions }';

    expect((await api.ask(mutation, {}, cookie)).errors).toMatchObject([
      { extensions: { code: 'FORBIDDEN', reason: 'RequestHeaderMissing' } },
    ]);
    expect(await api.ask(mutation, {}, { ...cookie, 'x-openimo-request': '1' })).toMatchObject({
      data: { revokeOtherSessions: 0 },
    });
  });

  it('is listed and revoked by its owner, and is not there for others', async () => {
    const account = newAccount();
    const [first, second] = [await signIn(api, account), await signIn(api, account)];
    const other = await signIn(api, newAccount());
    const { mySessions } = (
      await api.ask<{ mySessions: { sessionId: string; isCurrent: boolean }[] }>(SESSIONS, {}, first)
    ).data;
    const { sessionId } = mySessions.find(({ isCurrent }) => !isCurrent)!;
    const revoke = (headers: Record<string, string>) =>
      api.ask('mutation ($id: String!) { revokeSession(sessionId: $id) }', { id: sessionId }, headers);

    expect(mySessions).toHaveLength(2);
    expect((await revoke(other)).data).toEqual({ revokeSession: false });
    expect((await api.ask(SESSIONS, {}, second)).errors).toBeUndefined();
    expect((await revoke(first)).data).toEqual({ revokeSession: true });
    expect((await api.ask(SESSIONS, {}, second)).errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
  });

  it('is asked for where something is private', async () => {
    expect((await api.ask(SESSIONS)).errors).toMatchObject([
      { extensions: { code: 'UNAUTHENTICATED', reason: 'SignInRequired' } },
    ]);
  });

  it.each([
    ['Bearer nonsense'],
    ['Basic dXNlcjpwYXNz'],
    ['Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiIweDAiLCJzaWQiOiJ4IiwiZXhwIjo5OTk5OTk5OTk5fQ.'],
    [`Bearer imo_${'0'.repeat(32)}_${'0'.repeat(64)}`],
  ])('is not opened by %s, which is an error even where nobody has to be signed in', async (authorization) => {
    const { errors, data } = await api.ask('{ _meta { lag } }', {}, { authorization });

    expect(data ?? null).toBeNull();
    expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED', reason: 'CredentialsInvalid' } }]);
    expect(JSON.stringify(errors)).not.toContain(authorization.slice(8));
  });
});
