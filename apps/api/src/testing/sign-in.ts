import { LOCAL_CHAIN_ID } from '@openimo/chain';
import type { Address } from '@openimo/domain';
import type { Hex, LocalAccount } from 'viem';
import { createSiweMessage, type CreateSiweMessageParameters } from 'viem/siwe';
import type { TestApi } from './test-api.js';

export interface HttpAnswer {
  readonly status: number;
  readonly body: Record<string, unknown> & { error?: { code: string; reason: string; message: string } };
  readonly cookie: string | null;
}

/** With the header that pages of other sites cannot send. */
export async function post(
  api: TestApi,
  path: string,
  body: unknown = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<HttpAnswer> {
  const response = await fetch(new URL(path, api.url), {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-openimo-request': '1', ...headers },
    body: JSON.stringify(body),
  });
  return {
    status: response.status,
    body: (await response.json()) as HttpAnswer['body'],
    cookie: response.headers.get('set-cookie'),
  };
}

/** What a wallet is asked to sign, as our own page would put it. */
export async function signInMessage(
  api: TestApi,
  address: Address,
  changes: Partial<CreateSiweMessageParameters> = {},
): Promise<string> {
  const { nonce } = (await post(api, '/auth/nonce')).body as { nonce: string };
  const { host, origin } = new URL(api.url);
  const all = { address, domain: host, uri: origin, version: '1', chainId: LOCAL_CHAIN_ID, nonce } as const;
  return createSiweMessage({ ...all, issuedAt: new Date(), ...changes });
}

export async function signed(account: LocalAccount, message: string): Promise<{ message: string; signature: Hex }> {
  return { message, signature: await account.signMessage({ message }) };
}

/** Headers of somebody who has signed in with a key. */
export async function signIn(api: TestApi, account: LocalAccount): Promise<{ authorization: string }> {
  const { status, body } = await post(
    api,
    '/auth/token',
    await signed(account, await signInMessage(api, account.address)),
  );
  if (status !== 200) throw new Error(JSON.stringify(body));
  return { authorization: `Bearer ${body['token']}` };
}

/** Headers of a browser that has signed in on our page; `x-openimo-request` is left to the caller. */
export async function signInByCookie(api: TestApi, account: LocalAccount): Promise<{ cookie: string }> {
  const answer = await post(api, '/auth/session', await signed(account, await signInMessage(api, account.address)));
  return { cookie: answer.cookie!.split(';')[0]! };
}
