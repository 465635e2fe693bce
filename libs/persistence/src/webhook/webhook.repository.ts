import type { DataSource } from 'typeorm';
import type { Address } from '@openimo/domain';
import { lockAccount } from '../account/lock-account.js';
import { toRow } from '../database/columns.js';
import { classified } from '../database/database-error.js';
import { WebhookEntity } from './webhook.entity.js';

export type Webhook = Omit<WebhookEntity, never>;
export type NewWebhook = Pick<Webhook, 'webhookId' | 'account' | 'url' | 'events' | 'secret'>;
export type WebhookPatch = Partial<Pick<Webhook, 'url' | 'events' | 'secret' | 'active'>>;

/** Where publishers want to be told. Every method asks for the owner: what is somebody else's is not there. */
export class WebhookRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** @returns false, and stores nothing, when the account has `most` webhooks already */
  add(webhook: NewWebhook, most: number): Promise<boolean> {
    return classified(() =>
      this.dataSource.transaction(async (manager) => {
        await lockAccount(manager, webhook.account);
        if ((await manager.countBy(WebhookEntity, { account: webhook.account })) >= most) return false;
        const now = new Date();
        const row = { ...webhook, active: true, failureCount: 0, createdAt: now, updatedAt: now };
        await manager.insert(WebhookEntity, toRow<WebhookEntity>(row));
        return true;
      }),
    );
  }

  find(account: Address, webhookId: string): Promise<Webhook | undefined> {
    return classified(
      async () => (await this.dataSource.manager.findOneBy(WebhookEntity, { account, webhookId })) ?? undefined,
    );
  }

  /** The newest first. */
  list(account: Address): Promise<Webhook[]> {
    return classified(() =>
      this.dataSource.manager.find(WebhookEntity, {
        where: { account },
        order: { createdAt: 'DESC', webhookId: 'ASC' },
      }),
    );
  }

  /** Turning one on again forgets its failures. @returns whether there was one */
  update(account: Address, webhookId: string, patch: WebhookPatch): Promise<boolean> {
    return classified(async () => {
      const values = { ...patch, ...(patch.active === true && { failureCount: 0 }), updatedAt: new Date() };
      const { affected } = await this.dataSource.manager.update(
        WebhookEntity,
        { account, webhookId },
        toRow<WebhookEntity>(values),
      );
      return affected === 1;
    });
  }

  /** With its deliveries. @returns whether there was one */
  remove(account: Address, webhookId: string): Promise<boolean> {
    return classified(async () => {
      const { affected } = await this.dataSource.manager.delete(WebhookEntity, { account, webhookId });
      return affected === 1;
    });
  }
}
