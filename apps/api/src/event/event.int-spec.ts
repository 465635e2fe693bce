import { modelRegistryAbi } from '@openimo/contracts';
import { OutboxEntity } from '@openimo/persistence';
import { IndexedChain } from '../testing/indexed-chain.js';
import { Follower } from '../testing/subscribe.js';
import { TestApi } from '../testing/test-api.js';

interface Event {
  position: string;
  eventId: string;
  kind: string;
  event: string | null;
  subject: string | null;
  subjectId: string | null;
}

const EVENTS = `subscription ($after: BigInt, $events: [String!], $subjectId: String) {
  events(after: $after, events: $events, subjectId: $subjectId) { position eventId kind event subject subjectId }
}`;

let indexed: IndexedChain;
let api: TestApi;

beforeAll(async () => {
  indexed = await IndexedChain.start();
  await indexed.follow();
  api = await TestApi.start(indexed, { env: { OPENIMO_POLL_MS: '20' } });
});
afterAll(async () => {
  await api?.close();
  await indexed?.close();
});

const follow = (variables: Record<string, unknown> = {}) => new Follower<Event>(api.url, EVENTS, variables);
const positions = (rows: readonly Event[]) => rows.map(({ position }) => Number(position));
const outboxPosition = async () => {
  const { _meta } = await api.read<{ _meta: { outboxPosition: string } }>('{ _meta { outboxPosition } }');
  return Number(_meta.outboxPosition);
};

describe('following events', () => {
  it('gets each once and in order, whoever comes when and goes on from wherever', async () => {
    const start = await outboxPosition();
    const early = follow();
    const filtered = follow({ events: ['FamilyRegistered'] });
    await early.until(() => early.rows.length >= 0);
    await indexed.story.publish();
    const has = (count: number) => (rows: readonly Event[]) => rows.length >= count;
    const all = await follow({ after: `${start}` }).until(has(18));

    expect(positions(all)).toEqual(all.map((_, index) => start + 1 + index));
    expect(new Set(all.map(({ eventId }) => eventId)).size).toBe(all.length);
    for (const stop of [1, 7, 17]) {
      const late = follow({ after: `${start + stop}` });
      const rest = await late.until(has(18 - stop));
      expect(rest.slice(0, 18 - stop)).toEqual(all.slice(stop, 18));
      await late.close();
    }
    const live = await early.until((rows) => rows.at(-1)?.position === all.at(-1)!.position);
    expect(positions(live)).toEqual(live.map((_, index) => Number(live[0]!.position) + index));
    const families = await filtered.until((rows) => rows.filter(({ kind }) => kind === 'EVENT').length >= 2);
    expect(families.filter(({ kind }) => kind === 'EVENT').map(({ subjectId }) => subjectId)).toEqual(['1', '2']);
    await Promise.all([early.close(), filtered.close()]);
  });

  it('gets what a reorganisation took back, and what came instead under another id', async () => {
    await indexed.chain.test.mine({ blocks: 3 });
    const follower = follow({ after: `${await outboxPosition()}` });
    const registry = indexed.chain.addresses.modelRegistry;
    const heir = indexed.chain.addressOf('bob');
    for (let i = 0; i < 3; i++) {
      await indexed.chain.do('publisher', registry, modelRegistryAbi, 'transferPublisher', [1n, heir]);
    }
    const before = await follower.until((rows) => rows.filter(({ kind }) => kind === 'EVENT').length >= 3);
    const count = before.length;
    await indexed.chain.test.request({ method: 'anvil_reorg', params: [2, []] } as never);
    await indexed.chain.test.mine({ blocks: 1 });

    const rows = await follower.until((all) => all.slice(count).filter(({ kind }) => kind === 'RETRACTED').length >= 2);

    expect(positions(rows)).toEqual(rows.map((_, index) => Number(rows[0]!.position) + index));
    expect(new Set(rows.map(({ eventId }) => eventId)).size).toBe(rows.length);
    await follower.close();
  });

  it('is told where it cannot be gone on from', async () => {
    const beyond = follow({ after: '1000000' });
    await beyond.over();
    expect(beyond.errors).toMatchObject([
      {
        message: expect.stringMatching(/newest is/),
        extensions: { code: 'BAD_USER_INPUT', reason: 'PositionUnknown' },
      },
    ]);
    await indexed.dataSource.manager.delete(OutboxEntity, { position: 1n });
    await indexed.dataSource.manager.delete(OutboxEntity, { position: 2n });
    const forgotten = follow({ after: '1' });
    await forgotten.over();
    expect(forgotten.errors).toMatchObject([{ extensions: { reason: 'PositionForgotten' } }]);
    await Promise.all([beyond.close(), forgotten.close()]);
  });
});

it('a socket that is closed leaves nobody behind who waits', async () => {
  const followers = Array.from({ length: 5 }, () => follow());
  await Promise.all(followers.map((follower) => follower.close()));
  const other = await TestApi.start(indexed);
  const waiting = new Follower<Event>(other.url, EVENTS);
  await other.read('{ _meta { lag } }');
  await other.close();
  await waiting.over();
  expect(waiting.rows).toEqual([]);
});
