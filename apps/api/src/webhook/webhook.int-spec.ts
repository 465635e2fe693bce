import { createHmac } from 'node:crypto';
import { modelRegistryAbi } from '@openimo/contracts';
import { DisputeStory } from '@openimo/disputes/testing';
import { mnemonicToAccount } from 'viem/accounts';
import { IndexedChain } from '../testing/indexed-chain.js';
import { Publisher } from '../testing/publisher.js';
import { Outside } from '../testing/outside.js';
import type { Receiver } from '../testing/receiver.js';
import { TestApi } from '../testing/test-api.js';

const MNEMONIC = 'test test test test test test test test test test test junk';
const [PUBLISHER, STRANGER] = [1, 5].map((addressIndex) => mnemonicToAccount(MNEMONIC, { addressIndex }));

let indexed: IndexedChain;
let api: TestApi;
let outside: Outside;
let receiver: Receiver;
let inside: Receiver;
let publisher: Publisher;

beforeAll(async () => {
  indexed = await IndexedChain.start();
  await indexed.story.publish();
  await indexed.follow();
  outside = await Outside.start();
  ({ server: receiver, inside } = outside);
  api = await TestApi.start(indexed, {
    env: { ...outside.env, OPENIMO_WEBHOOK_POLL_MS: '50' },
  });
  publisher = await Publisher.signIn(api, PUBLISHER!);
});
afterAll(async () => {
  await api?.close();
  outside?.close();
  await indexed?.close();
});

const CREATE = `mutation ($input: CreateWebhookInput!) {
  createWebhook(input: $input) {
    __typename ... on CreatedWebhook { secret webhook { webhookId url events active } } ... on ErrorResult { message }
  }
}`;
const DELIVERIES = '{ myWebhooks { webhookId active deliveries { deliveryId status attempts responseStatus error } } }';
const DELETE = 'mutation ($id: String!) { deleteWebhook(webhookId: $id) }';

interface Created {
  readonly secret: string;
  readonly webhook: { readonly webhookId: string };
}
interface Delivery {
  readonly deliveryId: string;
  readonly status: string;
  readonly attempts: number;
  readonly error: string | null;
}

async function hook(url: string, events = ['Distributed']): Promise<Created> {
  return (await publisher.do<{ createWebhook: Created }>(CREATE, { input: { url, events } })).createWebhook;
}

/** A fee for family 2, which the publisher has. */
const pay = () => indexed.story.distribute(2n, 1_000n);

/** The newest delivery of a webhook once it has been tried. */
async function tried(webhookId: string): Promise<Delivery> {
  for (;;) {
    const { myWebhooks } = await publisher.do<{ myWebhooks: { webhookId: string; deliveries: Delivery[] }[] }>(
      DELIVERIES,
    );
    const [newest] = myWebhooks.find((one) => one.webhookId === webhookId)!.deliveries;
    if (newest !== undefined && (newest.status !== 'pending' || newest.error !== null)) return newest;
  }
}

describe('a webhook', () => {
  it('is told of what it chose, signed so that the receiver can tell', async () => {
    const { secret, webhook } = await hook(`http://good.test:${receiver.port}/signed`);

    await pay();

    const { headers, body } = await receiver.next(({ path }) => path === '/signed');
    expect(JSON.parse(body)).toMatchObject({ kind: 'event', event: 'Distributed', familyId: '2', subject: 'family' });
    const [, seconds, mac] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['openimo-signature']))!;
    expect(createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')).toBe(mac);
    expect(Math.abs(Number(seconds) - Date.now() / 1_000)).toBeLessThan(60);
    expect(await tried(webhook.webhookId)).toMatchObject({ status: 'delivered', attempts: 1, error: null });
    await publisher.do(DELETE, { id: webhook.webhookId });
  });

  it('is not told of what it did not choose, nor strangers of what is not theirs', async () => {
    const { webhook } = await hook(`http://good.test:${receiver.port}/chosen`, ['PublisherShareScheduled']);
    const stranger = await Publisher.signIn(api, STRANGER!);
    await stranger.do(CREATE, {
      input: {
        url: `http://good.test:${receiver.port}/stranger`,
        events: ['Distributed', 'PublisherShareScheduled'],
      },
    });

    await pay();
    const { modelRegistry } = indexed.chain.addresses;
    await indexed.chain.do('publisher', modelRegistry, modelRegistryAbi, 'schedulePublisherShare', [2n, 1_900]);
    await receiver.next(({ path }) => path === '/chosen');

    const bodies = (wanted: string) =>
      receiver.received.filter(({ path }) => path === wanted).map(({ body }) => JSON.parse(body) as { event: string });
    expect(bodies('/chosen')).toMatchObject([{ event: 'PublisherShareScheduled', familyId: '2' }]);
    expect(bodies('/stranger')).toEqual([]);
    await publisher.do(DELETE, { id: webhook.webhookId });
  });

  it('is told of disputes of the family', async () => {
    const { webhook } = await hook(`http://good.test:${receiver.port}/disputes`, ['Challenged', 'Picked']);
    await indexed.story.serve();
    const disputes = new DisputeStory(indexed.chain);
    await disputes.publish();
    const quarrel = await disputes.quarrel();
    await disputes.move(quarrel);
    await disputes.move(quarrel);

    const said = (event: string) =>
      receiver
        .next(({ path, body }) => path === '/disputes' && body.includes(`"${event}"`))
        .then(({ body }) => JSON.parse(body) as object);
    const about = { familyId: '1', subject: 'dispute', subjectId: disputes.idOf(quarrel) };
    expect(await said('Challenged')).toMatchObject({ event: 'Challenged', ...about });
    expect(await said('Picked')).toMatchObject({ event: 'Picked', ...about });
    await publisher.do(DELETE, { id: webhook.webhookId });
  });

  it('is tried again when the receiver fails, and can be sent again by hand', async () => {
    receiver.answer = (_, response) => response.writeHead(500).end();
    const { webhook } = await hook(`http://good.test:${receiver.port}/failing`);
    await pay();

    const failed = await tried(webhook.webhookId);
    expect(failed).toMatchObject({ status: 'pending', attempts: 1, error: 'The receiver answered 500.' });
    receiver.answer = (_, response) => response.end();
    await publisher.do('mutation ($id: String!) { redeliver(deliveryId: $id) }', { id: failed.deliveryId });
    await expectDelivered(webhook.webhookId);
    await publisher.do(DELETE, { id: webhook.webhookId });
  });

  it('is not there for others, who have guessed its id', async () => {
    const { webhook } = await hook(`http://good.test:${receiver.port}/mine`);
    const stranger = await Publisher.signIn(api, STRANGER!);
    const id = webhook.webhookId;

    expect(await stranger.do(DELETE, { id })).toEqual({ deleteWebhook: false });
    expect(
      await stranger.do(
        'mutation ($id: String!) { updateWebhook(webhookId: $id, input: { active: false }) { __typename } }',
        { id },
      ),
    ).toEqual({ updateWebhook: { __typename: 'WebhookNotFound' } });
    expect(
      await stranger.do('mutation ($id: String!) { rotateWebhookSecret(webhookId: $id) { __typename } }', { id }),
    ).toEqual({ rotateWebhookSecret: { __typename: 'WebhookNotFound' } });
    expect(await publisher.do(DELETE, { id })).toEqual({ deleteWebhook: true });
  });
});

describe('a webhook reaches nothing of ours', () => {
  it.each([
    'http://127.0.0.1/',
    'http://localhost.:80@127.0.0.1/',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[64:ff9b::7f00:1]/',
    'http://169.254.169.254/latest/meta-data/',
    'http://10.0.0.1/',
    'http://100.64.0.1/',
    'file:///etc/passwd',
    'not a url',
  ])('by the URL %s', async (url) => {
    expect(await publisher.do(CREATE, { input: { url, events: ['Distributed'] } })).toEqual({
      createWebhook: { __typename: 'WebhookUrlRefused', message: expect.stringMatching(/\w+/) },
    });
  });

  it('by a name that leads here', async () => {
    const { webhook } = await hook(`http://inside.test:${inside.port}/by-name`);
    await pay();

    expect(await tried(webhook.webhookId)).toMatchObject({
      status: 'failed',
      error: expect.stringContaining('inside.test is not on the public internet (loopback)'),
    });
    await publisher.do(DELETE, { id: webhook.webhookId });
  });

  it('by a name that leads elsewhere first and here later', async () => {
    const { webhook } = await hook(`http://rebind.test:${inside.port}/rebound`);
    await pay();
    await receiver.next(({ path }) => path === '/rebound');
    await expectDelivered(webhook.webhookId);
    await pay();

    for (;;) {
      const { status, error } = await tried(webhook.webhookId);
      if (status === 'failed') {
        expect(error).toContain('(loopback)');
        break;
      }
    }
    expect(inside.received).toEqual([]);
    await publisher.do(DELETE, { id: webhook.webhookId });
  });

  it('by a redirect', async () => {
    receiver.answer = (_, response) =>
      response.writeHead(307, { location: `http://127.0.0.1:${inside.port}/redirected` }).end();
    const { webhook } = await hook(`http://good.test:${receiver.port}/redirecting`);
    await pay();

    expect(await tried(webhook.webhookId)).toMatchObject({ status: 'failed', error: expect.stringContaining('307') });
    receiver.answer = (_, response) => response.end();
    expect(inside.received).toEqual([]);
    await publisher.do(DELETE, { id: webhook.webhookId });
  });

  it('and the API still serves', async () => {
    expect((await api.ask('{ _meta { lag } }')).errors).toBeUndefined();
  });
});

async function expectDelivered(webhookId: string): Promise<void> {
  while ((await tried(webhookId)).status !== 'delivered');
}
