import { randomBytes } from 'node:crypto';
import type { DataSource, EntityManager } from 'typeorm';
import type { Address } from '@openimo/domain';
import { toRow } from '../database/columns.js';
import { classified } from '../database/database-error.js';
import { OutboxEntity } from '../index-chain/outbox.entity.js';
import type { OutboxRow } from '../index-chain/outbox.repository.js';
import { OutboxCursorEntity } from './outbox-cursor.entity.js';
import { WebhookDeliveryEntity } from './webhook-delivery.entity.js';
import type { Webhook } from './webhook.repository.js';

export type WebhookDelivery = Omit<WebhookDeliveryEntity, never>;
/** What a sender needs of a delivery. */
export type DueDelivery = Pick<WebhookDelivery, 'deliveryId' | 'eventId' | 'body' | 'attempts'> &
  Pick<Webhook, 'webhookId' | 'url' | 'secret'>;

/** What an attempt came to. */
export interface Attempt {
  readonly responseStatus: number | null;
  /** Null: it went through. */
  readonly error: string | null;
}

const CONSUMER = 'webhooks';
const BATCH = 200;
/** A webhook that failed for good this often in a row is turned off. */
const FAILURES_TO_TURN_OFF = 20;
const KEEP_DAYS = 30;

/** The family that a row of the outbox is about, whatever kind of thing it names. */
const FAMILY_OF = `case o.subject
    when 'family' then o.subject_id::numeric
    when 'version' then (select family_id from versions where version_id = o.subject_id::numeric)
    when 'request' then (select family_id from requests where request_id = o.subject_id::numeric)
    when 'dispute' then (select family_id from disputes where dispute_id = o.subject_id)
    when 'audit' then (select family_id from audits where audit_id = o.subject_id)
    when 'offering' then (select family_id from offerings where address = o.subject_id)
    when 'token' then (select family_id from tokens where address = o.subject_id)
    when 'escrow' then (select family_id from offerings where escrow = o.subject_id)
  end`;

/** What is on its way to webhooks. The outbox is read once for all of them, whichever process does it. */
export class WebhookDeliveryRepository {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Writes deliveries for what the outbox has announced since the last call, together with how far it was read: nothing is
   * lost and nothing is written twice, whoever dies when. The first call ever starts with what comes after it.
   *
   * @param toBody the bytes to send for a row about a family
   * @returns how many rows of the outbox it read; 0: it is up to date
   */
  fanOut(toBody: (row: OutboxRow, familyId: bigint) => string): Promise<number> {
    return classified(async () => {
      if (await this.#isUpToDate()) return 0;
      return this.dataSource.transaction(async (manager) => {
        const position = await this.#lockedPosition(manager);
        const rows = await manager
          .createQueryBuilder(OutboxEntity, 'o')
          .where('o.position > :position', { position: position.toString() })
          .orderBy('o.position', 'ASC')
          .take(BATCH)
          .getMany();
        for (const row of rows) {
          if (row.kind === 'event' && row.retractedBy === null) await this.#enqueue(manager, row, toBody);
          if (row.kind === 'retracted') await this.#enqueueRetraction(manager, row, toBody);
        }
        const last = rows.at(-1);
        if (last !== undefined) {
          await manager.update(OutboxCursorEntity, { consumer: CONSUMER }, { position: last.position });
        }
        return rows.length;
      });
    });
  }

  /**
   * Takes up the delivery that has been due longest, and puts its next attempt `leaseMs` away: should the sender die, another
   * takes it up then. Senders that ask at the same time get different deliveries.
   */
  claimNextDue(leaseMs: number): Promise<DueDelivery | undefined> {
    return classified(() =>
      this.dataSource.transaction(async (manager) => {
        const [row] = await manager.query<DueRow[]>(
          `select d.delivery_id, d.event_id, d.body, d.attempts, w.webhook_id, w.url, w.secret
           from webhook_deliveries d join webhooks w using (webhook_id)
           where d.status = 'pending' and w.active and d.next_attempt_at <= clock_timestamp()
           order by d.next_attempt_at, d.delivery_id limit 1 for update of d skip locked`,
        );
        if (row === undefined) return undefined;
        await manager.query(
          `update webhook_deliveries set attempts = attempts + 1,
             next_attempt_at = clock_timestamp() + $2 * interval '1 millisecond' where delivery_id = $1`,
          [row.delivery_id, leaseMs],
        );
        return {
          deliveryId: row.delivery_id,
          eventId: row.event_id,
          body: row.body,
          attempts: Number(row.attempts) + 1,
          webhookId: row.webhook_id,
          url: row.url,
          secret: row.secret,
        };
      }),
    );
  }

  delivered(deliveryId: string, { responseStatus }: Attempt): Promise<void> {
    return classified(() =>
      this.dataSource.transaction(async (manager) => {
        const values = { status: 'delivered', responseStatus, error: null, deliveredAt: new Date() } as const;
        await manager.update(WebhookDeliveryEntity, { deliveryId }, values);
        await manager.query(
          `update webhooks set failure_count = 0
           where failure_count > 0 and webhook_id = (select webhook_id from webhook_deliveries where delivery_id = $1)`,
          [deliveryId],
        );
      }),
    );
  }

  /** Tries again at `nextAttemptAt`. */
  postpone(deliveryId: string, { responseStatus, error }: Attempt, nextAttemptAt: Date): Promise<void> {
    return classified(async () => {
      const values = { responseStatus, error, nextAttemptAt };
      await this.dataSource.manager.update(WebhookDeliveryEntity, { deliveryId }, values);
    });
  }

  /** Gives it up. A webhook to which nothing gets through is turned off; its owner may turn it on again. */
  giveUp(deliveryId: string, { responseStatus, error }: Attempt): Promise<void> {
    return classified(() =>
      this.dataSource.transaction(async (manager) => {
        await manager.update(WebhookDeliveryEntity, { deliveryId }, { status: 'failed', responseStatus, error });
        await manager.query(
          `update webhooks set failure_count = failure_count + 1, active = active and failure_count + 1 < $2
           where webhook_id = (select webhook_id from webhook_deliveries where delivery_id = $1)`,
          [deliveryId, FAILURES_TO_TURN_OFF],
        );
      }),
    );
  }

  /** Of a webhook of the account; the newest first. */
  list(account: Address, webhookId: string, limit: number): Promise<WebhookDelivery[]> {
    return classified(() =>
      this.dataSource.manager
        .createQueryBuilder(WebhookDeliveryEntity, 'd')
        .where('d.webhook_id = :webhookId', { webhookId })
        .andWhere('exists (select 1 from webhooks w where w.webhook_id = d.webhook_id and w.account = :account)', {
          account: account.toLowerCase(),
        })
        .orderBy('d.createdAt', 'DESC')
        .addOrderBy('d.deliveryId')
        .take(limit)
        .getMany(),
    );
  }

  /** Sends one again, as if for the first time. @returns whether the account has such a delivery */
  sendAgain(account: Address, deliveryId: string): Promise<boolean> {
    return classified(async () => {
      const [, count] = await this.dataSource.query<[unknown, number]>(
        `update webhook_deliveries set status = 'pending', attempts = 0, next_attempt_at = clock_timestamp()
         where delivery_id = $1 and webhook_id in (select webhook_id from webhooks where account = $2)`,
        [deliveryId, account.toLowerCase()],
      );
      return count === 1;
    });
  }

  /** Forgets deliveries that ended more than thirty days ago. */
  prune(): Promise<void> {
    return classified(async () => {
      await this.dataSource.query(
        `delete from webhook_deliveries where status <> 'pending' and created_at < now() - $1 * interval '1 day'`,
        [KEEP_DAYS],
      );
    });
  }

  /** Asked every second: without a lock, so that nothing is written while nothing happens. */
  async #isUpToDate(): Promise<boolean> {
    const [row] = await this.dataSource.query<{ up_to_date: boolean }[]>(
      `select exists (
         select 1 from outbox_cursors
         where consumer = $1 and position >= (select coalesce(max(outbox_position), 0) from index_state)
       ) as up_to_date`,
      [CONSUMER],
    );
    return row!.up_to_date;
  }

  async #lockedPosition(manager: EntityManager): Promise<bigint> {
    await manager.query(
      `insert into outbox_cursors (consumer, position)
       select $1, coalesce(max(outbox_position), 0) from index_state on conflict do nothing`,
      [CONSUMER],
    );
    const [cursor] = await manager.query<{ position: string }[]>(
      'select position from outbox_cursors where consumer = $1 for update',
      [CONSUMER],
    );
    return BigInt(cursor!.position);
  }

  async #enqueue(manager: EntityManager, row: OutboxRow, toBody: (row: OutboxRow, familyId: bigint) => string) {
    const receivers = await manager.query<{ webhook_id: string; family_id: string }[]>(
      `select w.webhook_id, f.family_id
       from outbox o join families f on f.family_id = ${FAMILY_OF} join webhooks w on w.account = f.publisher
       where o.position = $1 and w.active and w.events ? o.event`,
      [row.position.toString()],
    );
    for (const { webhook_id, family_id } of receivers) {
      await this.#insert(manager, webhook_id, row, toBody(row, BigInt(family_id)));
    }
  }

  /** Whoever was told of the event is told that it is gone; its rows may be gone too, so nobody is looked up by them. */
  async #enqueueRetraction(
    manager: EntityManager,
    row: OutboxRow,
    toBody: (row: OutboxRow, familyId: bigint) => string,
  ) {
    const receivers = await manager.query<{ webhook_id: string; body: string }[]>(
      `select d.webhook_id, d.body from outbox o join webhook_deliveries d on d.event_id = o.event_id
       join webhooks w on w.webhook_id = d.webhook_id and w.active where o.retracted_by = $1`,
      [row.position.toString()],
    );
    for (const { webhook_id, body } of receivers) {
      const { familyId } = JSON.parse(body) as { familyId: string };
      await this.#insert(manager, webhook_id, row, toBody(row, BigInt(familyId)));
    }
  }

  async #insert(manager: EntityManager, webhookId: string, { eventId }: OutboxRow, body: string): Promise<void> {
    const now = new Date();
    await manager
      .createQueryBuilder()
      .insert()
      .into(WebhookDeliveryEntity)
      .values(
        toRow<WebhookDeliveryEntity>({
          deliveryId: randomBytes(16).toString('hex'),
          webhookId,
          eventId,
          body,
          status: 'pending',
          attempts: 0,
          nextAttemptAt: now,
          createdAt: now,
        }),
      )
      .orIgnore()
      .execute();
  }
}

interface DueRow {
  delivery_id: string;
  event_id: string;
  body: string;
  attempts: string;
  webhook_id: string;
  url: string;
  secret: string;
}
