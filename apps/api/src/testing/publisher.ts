import { createHash } from 'node:crypto';
import type { LocalAccount } from 'viem';
import { signIn } from './sign-in.js';
import type { TestApi } from './test-api.js';

/** Whatever serves: in this process, or in one of its own. */
export type Served = Pick<TestApi, 'url'>;

type Headers = Readonly<Record<string, string>>;

/** Somebody who is signed in and has drafts. */
export class Publisher {
  private constructor(
    readonly account: LocalAccount,
    readonly headers: Headers,
    private readonly api: TestApi,
  ) {}

  static async signIn(api: TestApi, account: LocalAccount): Promise<Publisher> {
    return new Publisher(account, await signIn(api, account), api);
  }

  async do<Data>(query: string, variables: Readonly<Record<string, unknown>> = {}): Promise<Data> {
    const { data, errors } = await this.api.ask<Data>(query, variables, this.headers);
    if (errors !== undefined) throw new Error(JSON.stringify(errors));
    return data;
  }

  async draft(input: object = {}): Promise<string> {
    const { createDraft } = await this.do<{ createDraft: { draftId: string } }>(
      'mutation ($input: DraftInput!) { createDraft(input: $input) { ... on Draft { draftId } } }',
      { input },
    );
    return createDraft.draftId;
  }

  /** Announces a file. @returns where its bytes go */
  async announce(draftId: string, sizeBytes: number, sha256?: string, at: Served = this.api): Promise<Response> {
    const metadata = { draftId, ...(sha256 !== undefined && { sha256 }) };
    return tus(at, 'POST', '/uploads', {
      ...this.headers,
      'upload-length': String(sizeBytes),
      'upload-metadata': Object.entries(metadata)
        .map(([key, value]) => `${key} ${Buffer.from(value).toString('base64')}`)
        .join(','),
    });
  }

  append(location: string, offset: number, bytes: Uint8Array, at: Served = this.api): Promise<Response> {
    const headers = { 'content-type': 'application/offset+octet-stream', 'upload-offset': String(offset) };
    return tus(at, 'PATCH', location, { ...this.headers, ...headers }, bytes);
  }

  async offset(location: string, at: Served = this.api): Promise<number> {
    return Number((await tus(at, 'HEAD', location, this.headers)).headers.get('upload-offset'));
  }

  /** A draft with this file, whole. */
  async upload(draftId: string, bytes: Uint8Array): Promise<void> {
    const announced = await this.announce(draftId, bytes.length, sha256(bytes));
    const { status } = await this.append(announced.headers.get('location')!, 0, bytes);
    if (status !== 204) throw new Error(`the upload ended with ${status}`);
  }
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export function tus(
  { url }: Served,
  method: string,
  path: string,
  headers: Headers,
  body?: Uint8Array,
): Promise<Response> {
  return fetch(new URL(path, url), {
    method,
    headers: { 'tus-resumable': '1.0.0', ...headers },
    ...(body !== undefined && { body: body as Uint8Array<ArrayBuffer> }),
  });
}
