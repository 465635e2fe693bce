import { randomBytes } from 'node:crypto';
import { open, readdir, readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { digits } from '@openimo/models';
import { Upload as TusUpload } from 'tus-js-client';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { ApiProcess } from '../testing/api-process.js';
import { IndexedChain } from '../testing/indexed-chain.js';
import { Publisher, sha256, tus } from '../testing/publisher.js';
import { TestApi } from '../testing/test-api.js';

const MIB = 2 ** 20;
const SECRET = { OPENIMO_AUTH_SECRET: 'of these tests alone, as long as it takes' };
const LIMITS = { OPENIMO_LIMIT_UPLOAD_BYTES: String(8 * MIB), OPENIMO_LIMIT_ACCOUNT_BYTES: String(12 * MIB) };

let indexed: IndexedChain;
let api: TestApi;
let model: Buffer;

beforeAll(async () => {
  indexed = await IndexedChain.start();
  [api, model] = await Promise.all([
    TestApi.start(indexed, { env: { ...SECRET, ...LIMITS } }),
    readFile(digits.modelPath),
  ]);
});
afterAll(async () => {
  await api?.close();
  await indexed?.close();
});

const newPublisher = () => Publisher.signIn(api, privateKeyToAccount(generatePrivateKey()));
const stored = (bytes: Uint8Array) =>
  readFile(join(indexed.env['OPENIMO_MODELS']!, sha256(bytes).slice(0, 2), `${sha256(bytes)}.onnx`));
const DRAFT = `query ($id: String!) {
  myDraft(draftId: $id) { fileHash fileSize checkStatus uploads { status receivedBytes refusal { code } } }
}`;
type DraftView = { myDraft: { fileHash: string | null; fileSize: string; uploads: { status: string }[] } };

async function announced(publisher: Publisher, bytes: Uint8Array, hash?: string): Promise<string> {
  const answer = await publisher.announce(await publisher.draft(), bytes.length, hash);
  expect(answer.status).toBe(201);
  return answer.headers.get('location')!;
}

async function reasonOf(answer: Response): Promise<string> {
  return ((await answer.json()) as { error: { reason: string } }).error.reason;
}

describe('an upload', () => {
  it('takes any client of the tus protocol, in as many pieces as it likes', async () => {
    const publisher = await newPublisher();
    const draftId = await publisher.draft();

    await new Promise<void>((resolve, reject) =>
      new TusUpload(model, {
        endpoint: new URL('/uploads', api.url).href,
        headers: { ...publisher.headers },
        metadata: { draftId, sha256: sha256(model), filename: 'digits.onnx' },
        chunkSize: 1_000,
        onError: reject,
        onSuccess: () => resolve(),
      }).start(),
    );

    const { myDraft } = await publisher.do<DraftView>(DRAFT, { id: draftId });
    expect(myDraft).toMatchObject({
      fileHash: `0x${sha256(model)}`,
      fileSize: String(model.length),
      checkStatus: 'none',
      uploads: [{ status: 'complete', receivedBytes: String(model.length) }],
    });
    expect((await stored(model)).equals(model)).toBe(true);
  });

  it('goes on where it was interrupted', async () => {
    const publisher = await newPublisher();
    const bytes = randomBytes(3 * MIB);
    const location = await announced(publisher, bytes, sha256(bytes));

    await interrupted(publisher, location, bytes.subarray(0, MIB));
    const offset = await publisher.offset(location);
    expect(offset).toBeGreaterThan(0);
    expect(offset).toBeLessThanOrEqual(MIB);
    expect((await publisher.append(location, offset, bytes.subarray(offset))).status).toBe(204);

    expect((await stored(bytes)).equals(bytes)).toBe(true);
  });

  it('loses nothing that was acknowledged when the API is killed in the middle', async () => {
    const publisher = await newPublisher();
    const bytes = randomBytes(2 * MIB);
    const first = await ApiProcess.start(indexed, { ...SECRET, ...LIMITS });
    const draftId = await publisher.draft();
    const location = (await publisher.announce(draftId, bytes.length, sha256(bytes), first)).headers.get('location')!;
    expect((await publisher.append(location, 0, bytes.subarray(0, MIB), first)).status).toBe(204);
    const rest = interrupted(publisher, location, bytes.subarray(MIB, MIB + MIB / 2), first, MIB);
    await first.kill();
    await rest;

    const second = await ApiProcess.start(indexed, { ...SECRET, ...LIMITS });
    const offset = await publisher.offset(location, second);
    expect(offset).toBeGreaterThanOrEqual(MIB);
    expect((await publisher.append(location, offset, bytes.subarray(offset), second)).status).toBe(204);

    expect((await stored(bytes)).equals(bytes)).toBe(true);
    await second.kill();
  });

  it('is finished by whoever asks for it, when the API died after the last byte', async () => {
    const publisher = await newPublisher();
    const bytes = randomBytes(1_000);
    const draftId = await publisher.draft();
    const location = (await publisher.announce(draftId, bytes.length)).headers.get('location')!;
    const file = await open(join(indexed.env['OPENIMO_MODELS']!, '.uploads', location.split('/').at(-1)!), 'r+');
    await file.write(bytes);
    await file.close();

    expect(await publisher.offset(location)).toBe(bytes.length);

    const { myDraft } = await publisher.do<DraftView>(DRAFT, { id: draftId });
    expect(myDraft).toMatchObject({ fileHash: `0x${sha256(bytes)}`, uploads: [{ status: 'complete' }] });
  });

  it('is continued by one request at a time: a later one takes over', async () => {
    const publisher = await newPublisher();
    const bytes = randomBytes(2_000);
    const location = await announced(publisher, bytes, sha256(bytes));
    const hanging = interrupted(publisher, location, bytes.subarray(0, 500), api, 0, false);
    while ((await publisher.offset(location)) < 500);

    expect((await publisher.append(location, 500, bytes.subarray(500))).status).toBe(204);

    await hanging;
    expect((await stored(bytes)).equals(bytes)).toBe(true);
  });

  it('can be given up', async () => {
    const publisher = await newPublisher();
    const location = await announced(publisher, randomBytes(10));

    expect((await tus(api, 'DELETE', location, publisher.headers)).status).toBe(204);
    expect((await tus(api, 'HEAD', location, publisher.headers)).status).toBe(404);
  });
});

describe('an upload is refused', () => {
  it('when it is not what was announced, and leaves nothing behind', async () => {
    const publisher = await newPublisher();
    const bytes = randomBytes(1_000);
    const location = await announced(publisher, bytes, sha256(randomBytes(1_000)));

    const answer = await publisher.append(location, 0, bytes);

    expect([answer.status, await reasonOf(answer)]).toEqual([460, 'UploadHashWrong']);
    expect(await publisher.offset(location)).toBe(0);
    expect(await readdir(join(indexed.env['OPENIMO_MODELS']!, '.uploads'))).not.toContain(location.split('/').at(-1));
  });

  it('when the offset is not where it is', async () => {
    const publisher = await newPublisher();
    const location = await announced(publisher, randomBytes(100));

    const answer = await publisher.append(location, 50, randomBytes(50));

    expect([answer.status, await reasonOf(answer)]).toEqual([409, 'UploadOffsetWrong']);
  });

  it('when it has more bytes than announced, also when it does not say how many', async () => {
    const publisher = await newPublisher();
    const location = await announced(publisher, randomBytes(100));

    expect((await publisher.append(location, 0, randomBytes(101))).status).toBe(413);
    expect(await chunked(publisher, location, 10, 50)).toBe(413);
    expect(await publisher.offset(location)).toBeLessThanOrEqual(100);
  });

  it("when it is somebody else's, or for a draft of somebody else", async () => {
    const [alice, bob] = [await newPublisher(), await newPublisher()];
    const draftId = await alice.draft();
    const location = await announced(alice, randomBytes(100));

    expect((await bob.announce(draftId, 10)).status).toBe(404);
    expect((await bob.append(location, 0, randomBytes(100))).status).toBe(404);
    for (const method of ['HEAD', 'DELETE']) expect((await tus(api, method, location, bob.headers)).status).toBe(404);
    expect(await alice.offset(location)).toBe(0);
  });

  it('when the account has no room for it, or too many at once', async () => {
    const publisher = await newPublisher();
    await publisher.announce(await publisher.draft(), 8 * MIB);

    const overQuota = await publisher.announce(await publisher.draft(), 5 * MIB);
    expect([overQuota.status, await reasonOf(overQuota)]).toEqual([413, 'UploadQuotaExceeded']);
    const draftId = await publisher.draft();
    for (let n = 0; n < 4; n++) expect((await publisher.announce(draftId, 1)).status).toBe(201);
    const oneMore = await publisher.announce(draftId, 1);
    expect([oneMore.status, await reasonOf(oneMore)]).toEqual([429, 'TooManyUploads']);
  });

  it('without a sign-in, from a foreign page, and in words that are not the protocol’s', async () => {
    const publisher = await newPublisher();
    const draftId = await publisher.draft();
    const metadata = `draftId ${Buffer.from(draftId).toString('base64')}`;
    const ask = async (headers: Record<string, string>) => (await tus(api, 'POST', '/uploads', headers)).status;
    const right = { ...publisher.headers, 'upload-length': '1', 'upload-metadata': metadata };

    expect(await ask({ 'upload-length': '1', 'upload-metadata': metadata })).toBe(401);
    expect(await ask({ ...right, origin: 'https://evil.example' })).toBe(403);
    expect(await ask({ ...right, 'tus-resumable': '0.2.0' })).toBe(412);
    expect(await ask({ ...right, 'upload-length': '-1' })).toBe(400);
    expect(await ask({ ...right, 'upload-length': '1e3' })).toBe(400);
    expect(await ask({ ...right, 'upload-metadata': '' })).toBe(400);
    expect(await ask({ ...right, 'upload-metadata': `${metadata},sha256 Li4vLi4=` })).toBe(400);
    expect(await ask(right)).toBe(201);
    const traversal = '/uploads/..%2f..%2fdeployment.json';
    expect((await tus(api, 'HEAD', traversal, publisher.headers)).status).toBe(404);
  });

  it('of a gigabyte before it comes, whether it says so or not, at constant memory', async () => {
    const publisher = await newPublisher();
    const served = await ApiProcess.start(indexed, { ...SECRET, ...LIMITS });
    const location = (await publisher.announce(await publisher.draft(), MIB, undefined, served)).headers.get(
      'location',
    )!;
    const before = await residentBytes(served.pid);

    const told = await publisher.announce(await publisher.draft(), 1024 * MIB, undefined, served);
    const sent = { bytes: 0 };
    const status = await chunked(publisher, location, 1_024, MIB, served, sent);

    expect([told.status, await reasonOf(told)]).toEqual([413, 'UploadTooLarge']);
    expect(status).toBe(413);
    expect((await residentBytes(served.pid)) - before).toBeLessThan(100 * MIB);
    expect(await publisher.offset(location, served)).toBeLessThanOrEqual(MIB);
    await served.kill();
  });
});

/** Begins a PATCH, sends `bytes` of a body that is said to be longer, and hangs up once they are out, unless told to stay. */
function interrupted(
  { headers }: Publisher,
  location: string,
  bytes: Uint8Array,
  { url }: { url: string } = api,
  offset = 0,
  hangUp = true,
): Promise<void> {
  return new Promise((resolve) => {
    const patch = request(new URL(location, url), {
      method: 'PATCH',
      headers: {
        ...headers,
        'tus-resumable': '1.0.0',
        'upload-offset': offset,
        'content-type': 'application/offset+octet-stream',
        'transfer-encoding': 'chunked',
      },
    });
    patch.on('error', () => resolve()).on('close', () => resolve());
    patch.write(bytes, () => hangUp && setTimeout(() => patch.destroy(), 200));
  });
}

/** Sends `count` chunks of `size` bytes without saying how many there will be. @returns the status */
function chunked(
  { headers }: Publisher,
  location: string,
  count: number,
  size: number,
  { url }: { url: string } = api,
  sent = { bytes: 0 },
): Promise<number> {
  return new Promise((resolve, reject) => {
    const patch = request(new URL(location, url), {
      method: 'PATCH',
      headers: {
        ...headers,
        'tus-resumable': '1.0.0',
        'upload-offset': 0,
        'content-type': 'application/offset+octet-stream',
        'transfer-encoding': 'chunked',
      },
    });
    let answered = false;
    patch.on('response', (response) => {
      answered = true;
      response.resume();
      resolve(response.statusCode!);
      patch.destroy();
    });
    patch.on('error', (error) => answered || reject(error));
    const chunk = Buffer.alloc(size);
    const next = () => {
      if (answered || patch.destroyed) return;
      if (sent.bytes >= count * size) return void patch.end();
      sent.bytes += size;
      patch.write(chunk, next);
    };
    next();
  });
}

async function residentBytes(pid: number): Promise<number> {
  const [, kib] = /VmRSS:\s+(\d+) kB/.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kib) * 1_024;
}
