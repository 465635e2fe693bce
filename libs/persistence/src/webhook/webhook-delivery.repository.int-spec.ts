import type { Address } from '@openimo/domain';
import {
  openDatabase,
  WebhookDeliveryRepository,
  WebhookRepository,
  type DataSource,
  type OutboxRow,
} from '../index.js';
import { startTestDatabase, type TestDatabase } from '../testing/test-database.js';

const PUBLISHER: Address = '0x00000000000000000000000000000000000000aa';
const STRANGER: Address = '0x00000000000000000000000000000000000000bb';
const OFFERING: Address = '0x00000000000000000000000000000000000000cc';
const LEASE_MS = 60_000;

let database: TestDatabase;
let dataSource: DataSource;
let webhooks: WebhookRepository;
let deliveries: WebhookDeliveryRepository;
let position = 0;

beforeAll(async () => {
  database = await startTestDatabase();
  dataSource = await openDatabase(database.url);
  webhooks = new WebhookRepository(dataSource);
  deliveries = new WebhookDeliveryRepository(dataSource);
});
afterAll(async () => {
  await dataSource?.destroy();
  await database?.drop();
});
beforeEach(async () => {
  await dataSource.query('truncate outbox, outbox_cursors, index_state, families, offerings, webhooks cascade');
  position = 0;
  await insert('index_state', { chain_id: 31_337 });
  await family(1, PUBLISHER);
  // The first call says where it begins.
  expect(await deliveries.fanOut(toBody)).toBe(0);
});

const toBody = ({ eventId, kind }: OutboxRow, familyId: bigint) =>
  JSON.stringify({ eventId, kind, familyId: familyId.toString() });

/** A row with what the columns that must have a value can have at least. */
async function insert(table: string, values: Record<string, unknown>): Promise<void> {
  const columns = await dataSource.query<{ name: string; type: string }[]>(
    `select column_name as name, data_type as type from information_schema.columns
     where table_name = $1 and is_nullable = 'NO' and column_default is null`,
    [table],
  );
  const zero = (type: string) =>
    type === 'text'
      ? ''
      : type === 'boolean'
        ? false
        : type.startsWith('timestamp')
          ? new Date()
          : type === 'jsonb'
            ? '[]'
            : 0;
  const row = { ...Object.fromEntries(columns.map(({ name, type }) => [name, zero(type)])), ...values };
  const names = Object.keys(row);
  await dataSource.query(
    `insert into ${table} (${names.join(', ')}) values (${names.map((_, index) => `$${index + 1}`).join(', ')})`,
    Object.values(row),
  );
}

const family = (familyId: number, publisher: Address) => insert('families', { family_id: familyId, publisher });

async function announce(row: { event: string; subject: string; subject_id: string } & Record<string, unknown>) {
  position += 1;
  await insert('outbox', { position, event_id: `event-${position}`, kind: 'event', block_number: 1, ...row });
  await dataSource.query('update index_state set outbox_position = $1', [position]);
}

const hook = (webhookId: string, events: string[], account = PUBLISHER) =>
  webhooks.add({ webhookId, account, url: `https://example.org/${webhookId}`, events, secret: 's' }, 10);

const pending = async () =>
  (
    await dataSource.query<{ webhook_id: string; event_id: string }[]>(
      'select webhook_id, event_id from webhook_deliveries order by event_id, webhook_id',
    )
  ).map(({ webhook_id, event_id }) => `${webhook_id} ${event_id}`);

describe('WebhookDeliveryRepository.fanOut', () => {
  it('writes one delivery per webhook of the publisher that chose the event', async () => {
    await hook('both', ['Committed', 'Settled']);
    await hook('settled', ['Settled']);
    await hook('stranger', ['Committed', 'Settled'], STRANGER);
    await insert('offerings', {
      address: OFFERING,
      family_id: 1,
      status: 'selling',
      oversubscription: 'proRata',
      hard_cap: 1,
    });

    await announce({ event: 'Committed', subject: 'offering', subject_id: OFFERING });
    await announce({ event: 'Settled', subject: 'family', subject_id: '1' });
    expect(await deliveries.fanOut(toBody)).toBe(2);

    expect(await pending()).toEqual(['both event-1', 'both event-2', 'settled event-2']);
  });

  it('reads every row once, also when several processes read at the same moment', async () => {
    const pool = await openDatabase(database.url, { poolSize: 3 });
    const several = new WebhookDeliveryRepository(pool);
    await hook('one', ['Settled']);
    for (let n = 0; n < 5; n++) await announce({ event: 'Settled', subject: 'family', subject_id: '1' });

    const read = await Promise.all([1, 2, 3].map(() => several.fanOut(toBody)));

    expect(read.sort()).toEqual([0, 0, 5]);
    expect(await pending()).toHaveLength(5);
    await pool.destroy();
  });

  it('starts with what comes after the webhook, not with the past', async () => {
    await announce({ event: 'Settled', subject: 'family', subject_id: '1' });
    await deliveries.fanOut(toBody);

    await hook('late', ['Settled']);
    await deliveries.fanOut(toBody);

    expect(await pending()).toEqual([]);
  });

  it('tells whoever heard of an event that it was retracted, though its rows are gone', async () => {
    await hook('one', ['Settled']);
    await announce({ event: 'Settled', subject: 'family', subject_id: '1' });
    await deliveries.fanOut(toBody);
    await dataSource.query('delete from families');
    await dataSource.query('update outbox set retracted_by = 2 where position = 1');
    await announce({ event: 'Settled', subject: 'family', subject_id: '1', kind: 'retracted', event_id: 'gone' });

    await deliveries.fanOut(toBody);

    expect(await pending()).toEqual(['one event-1', 'one gone']);
  });
});

describe('WebhookDeliveryRepository', () => {
  async function oneDelivery(): Promise<void> {
    await hook('one', ['Settled']);
    await announce({ event: 'Settled', subject: 'family', subject_id: '1' });
    await deliveries.fanOut(toBody);
  }

  it('hands a delivery to one sender at a time, with what it takes to send it', async () => {
    await oneDelivery();

    const due = await deliveries.claimNextDue(LEASE_MS);

    expect(due).toMatchObject({ webhookId: 'one', url: 'https://example.org/one', secret: 's', attempts: 1 });
    expect(JSON.parse(due!.body)).toEqual({ eventId: 'event-1', kind: 'event', familyId: '1' });
    expect(await deliveries.claimNextDue(LEASE_MS)).toBeUndefined();
  });

  it('hands it out again when the sender let its lease run out', async () => {
    await oneDelivery();
    await deliveries.claimNextDue(0);

    expect(await deliveries.claimNextDue(LEASE_MS)).toMatchObject({ attempts: 2 });
  });

  it('turns a webhook off to which nothing gets through, and counts anew once it is on again', async () => {
    await oneDelivery();
    const { deliveryId } = (await deliveries.claimNextDue(LEASE_MS))!;

    for (let n = 0; n < 20; n++) await deliveries.giveUp(deliveryId, { responseStatus: 500, error: 'HTTP 500' });
    expect(await webhooks.find(PUBLISHER, 'one')).toMatchObject({ active: false, failureCount: 20 });

    await webhooks.update(PUBLISHER, 'one', { active: true });
    expect(await webhooks.find(PUBLISHER, 'one')).toMatchObject({ active: true, failureCount: 0 });
  });

  it('shows and repeats deliveries to their owner alone', async () => {
    await oneDelivery();
    const { deliveryId } = (await deliveries.claimNextDue(LEASE_MS))!;
    await deliveries.delivered(deliveryId, { responseStatus: 204, error: null });

    expect(await deliveries.list(STRANGER, 'one', 10)).toEqual([]);
    expect(await deliveries.sendAgain(STRANGER, deliveryId)).toBe(false);
    expect(await deliveries.list(PUBLISHER, 'one', 10)).toMatchObject([{ status: 'delivered', responseStatus: 204 }]);
    expect(await deliveries.sendAgain(PUBLISHER, deliveryId)).toBe(true);
    expect(await deliveries.claimNextDue(LEASE_MS)).toMatchObject({ deliveryId });
  });
});
