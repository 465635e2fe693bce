import { openDatabase, SessionRepository, type DataSource, type NewSession } from '../index.js';
import { startTestDatabase, type TestDatabase } from '../testing/test-database.js';

const ALICE = '0x00000000000000000000000000000000000000Aa';
const BOB = '0x00000000000000000000000000000000000000Bb';
const SOON = () => new Date(Date.now() + 60_000);
const PAST = () => new Date(Date.now() - 1_000);

let database: TestDatabase;
let dataSource: DataSource;
let sessions: SessionRepository;
let made = 0;

beforeAll(async () => {
  database = await startTestDatabase();
  dataSource = await openDatabase(database.url);
  sessions = new SessionRepository(dataSource);
});
afterAll(async () => {
  await dataSource?.destroy();
  await database?.drop();
});

async function open(changes: Partial<NewSession> = {}): Promise<NewSession> {
  const number = ++made;
  const session: NewSession = {
    sessionId: `session-${number}`,
    account: ALICE,
    tokenHash: `0x${number.toString(16).padStart(64, '0')}`,
    userAgent: 'a browser',
    expiresAt: SOON(),
    ...changes,
  };
  await sessions.add(session);
  return session;
}

describe('SessionRepository.useNonce', () => {
  it('tells exactly one of many at once that the nonce was unused', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => sessions.useNonce('once', SOON())));

    expect(answers.filter(Boolean)).toHaveLength(1);
  });

  it('forgets nonces that have expired by themselves', async () => {
    await sessions.useNonce('old', PAST());
    await sessions.useNonce('other', SOON());

    expect(await dataSource.query(`select nonce from used_nonces where nonce = 'old'`)).toEqual([]);
  });
});

describe('SessionRepository', () => {
  it('finds a live session by its token and by its id, the account in lower case', async () => {
    const session = await open();

    const found = await sessions.findByTokenHash(session.tokenHash);

    expect(found).toMatchObject({ sessionId: session.sessionId, account: ALICE.toLowerCase() });
    expect(await sessions.findById(session.sessionId)).toEqual(found);
  });

  it('finds nothing that expired or was revoked', async () => {
    const expired = await open({ expiresAt: PAST() });
    const revoked = await open();
    expect(await sessions.revoke(ALICE, revoked.sessionId)).toBe(true);

    expect(await sessions.findByTokenHash(expired.tokenHash)).toBeUndefined();
    expect(await sessions.findByTokenHash(revoked.tokenHash)).toBeUndefined();
    expect(await sessions.revoke(ALICE, revoked.sessionId)).toBe(false);
  });

  it("does not revoke somebody else's session", async () => {
    const session = await open();

    expect(await sessions.revoke(BOB, session.sessionId)).toBe(false);
    expect(await sessions.findById(session.sessionId)).toBeDefined();
  });

  it('lists the live ones of an account, and ends all but one', async () => {
    const carol = '0x00000000000000000000000000000000000000cc';
    const [first, second] = [await open({ account: carol }), await open({ account: carol })];
    await open({ account: carol, expiresAt: PAST() });

    expect((await sessions.list(carol)).map(({ sessionId }) => sessionId).sort()).toEqual(
      [first.sessionId, second.sessionId].sort(),
    );
    expect(await sessions.revokeAll(carol, first.sessionId)).toBe(1);
    expect((await sessions.list(carol)).map(({ sessionId }) => sessionId)).toEqual([first.sessionId]);
  });
});
