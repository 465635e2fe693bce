import type { Sha256 } from '@openimo/domain';
import { DraftRepository, openDatabase, UploadRepository, type DataSource, type NewUpload } from '../index.js';
import { startTestDatabase, type TestDatabase } from '../testing/test-database.js';

const BOB = '0x00000000000000000000000000000000000000bb';
const HASH: Sha256 = `0x${'ab'.repeat(32)}`;
const QUOTA = { maxBytes: 100, maxOpen: 2 };
const LIFE_SECONDS = 3_600;
const CONTENT = {
  name: 'n',
  familyId: null,
  familyTerms: null,
  licence: '',
  card: '',
  cardUri: '',
  mostNewBytes: null,
  prices: [],
};

let database: TestDatabase;
let dataSource: DataSource;
let drafts: DraftRepository;
let uploads: UploadRepository;
let made = 0;

beforeAll(async () => {
  database = await startTestDatabase();
  dataSource = await openDatabase(database.url);
  drafts = new DraftRepository(dataSource);
  uploads = new UploadRepository(dataSource);
});
afterAll(async () => {
  await dataSource?.destroy();
  await database?.drop();
});

/** An account of its own with one draft. */
async function publisher() {
  const account = `0x${(++made).toString(16).padStart(40, '0')}` as const;
  const draftId = `draft-${made}`;
  await drafts.add(account, draftId, CONTENT, 10);
  const upload = (uploadId: string, sizeBytes = 40): NewUpload => ({
    uploadId: `${draftId}-${uploadId}`,
    account,
    draftId,
    sizeBytes,
    sha256: null,
    metadata: {},
  });
  const add = (uploadId: string, sizeBytes?: number) => uploads.add(upload(uploadId, sizeBytes), QUOTA, LIFE_SECONDS);
  return { account, draftId, upload, add };
}

describe('UploadRepository.add', () => {
  it('reserves the whole size, and refuses what exceeds the quota with it', async () => {
    const { add } = await publisher();

    expect(await add('a', 90)).toEqual({ admitted: true });
    expect(await add('b', 11)).toEqual({ admitted: false, reason: 'QuotaExceeded', used: 90 });
    expect(await add('c', 10)).toEqual({ admitted: true });
  });

  it('bounds how many are open', async () => {
    const { add } = await publisher();
    await add('a', 1);
    await add('b', 1);

    expect(await add('c', 1)).toMatchObject({ admitted: false, reason: 'TooManyUploads' });
  });

  it("counts drafts' files once, whatever upload they came with", async () => {
    const { account, draftId, add, upload } = await publisher();
    await add('a', 60);
    await uploads.complete((await uploads.find(upload('a').uploadId))!, HASH);

    expect(await add('b', 41)).toMatchObject({ reason: 'QuotaExceeded', used: 60 });
    await drafts.remove(account, draftId);
    expect(await add('b', 41)).toMatchObject({ reason: 'DraftNotFound' });
  });

  it("refuses a draft that is somebody else's", async () => {
    const { upload } = await publisher();

    expect(await uploads.add({ ...upload('a'), account: BOB }, QUOTA, LIFE_SECONDS)).toMatchObject({
      reason: 'DraftNotFound',
    });
  });
});

describe('UploadRepository.complete', () => {
  it('makes the file the file of the draft, and forgets what was found out about another', async () => {
    const { account, draftId, add, upload } = await publisher();
    await drafts.setFile(account, draftId, `0x${'01'.repeat(32)}`, 1);
    await drafts.setCheck(account, draftId, `0x${'01'.repeat(32)}`, {
      checkStatus: 'accepted',
      checkReport: { opset: 13 },
      checkRefusal: null,
    });
    await add('a');

    await uploads.complete((await uploads.find(upload('a').uploadId))!, HASH);

    expect(await drafts.find(account, draftId)).toMatchObject({
      fileHash: HASH,
      fileSize: 40,
      checkStatus: 'none',
      checkReport: null,
    });
    expect(await uploads.find(upload('a').uploadId)).toMatchObject({ status: 'complete', sha256: HASH });
  });

  it('changes nothing the second time', async () => {
    const { account, draftId, add, upload } = await publisher();
    await add('a');
    const row = (await uploads.find(upload('a').uploadId))!;
    await uploads.complete(row, HASH);
    await drafts.setFile(account, draftId, `0x${'02'.repeat(32)}`, 2);

    await uploads.complete(row, HASH);

    expect((await drafts.find(account, draftId))?.fileSize).toBe(2);
  });
});

describe('UploadRepository.expired', () => {
  it('names open uploads that nobody continued', async () => {
    const { add, upload } = await publisher();
    await add('a');
    await add('b');
    await uploads.progress(upload('a').uploadId, 5, -1);

    expect(await uploads.expired()).toEqual([upload('a').uploadId]);
    expect((await uploads.find(upload('a').uploadId))?.receivedBytes).toBe(5);
  });
});

describe('DraftRepository', () => {
  it("keeps one account's drafts from another", async () => {
    const { account, draftId } = await publisher();

    expect(await drafts.find(BOB, draftId)).toBeUndefined();
    expect(await drafts.update(BOB, draftId, { name: 'mine now' })).toBe(false);
    expect(await drafts.remove(BOB, draftId)).toBe(false);
    expect(await drafts.find(account, draftId)).toMatchObject({ name: 'n' });
  });

  it('does not keep what was found out about a file that was replaced meanwhile', async () => {
    const { account, draftId } = await publisher();
    await drafts.setFile(account, draftId, HASH, 1);
    await drafts.setFile(account, draftId, `0x${'03'.repeat(32)}`, 1);

    const check = { checkStatus: 'accepted', checkReport: {}, checkRefusal: null } as const;
    expect(await drafts.setCheck(account, draftId, HASH, check)).toBe(false);
  });

  it('bounds how many drafts an account has', async () => {
    const { account } = await publisher();

    expect(await drafts.add(account, 'second', CONTENT, 1)).toBe(false);
    expect(await drafts.list(account)).toHaveLength(1);
  });
});
