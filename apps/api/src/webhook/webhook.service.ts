import { Inject, Injectable } from '@nestjs/common';
import { type Address, isDomainError } from '@openimo/domain';
import { checkUrl } from '@openimo/outbound';
import { WebhookDeliveryRepository, WebhookRepository } from '@openimo/persistence';
import { randomId, randomSecret } from '../auth/keys.js';
import type { ApiConfig } from '../config/config.js';
import { CONFIG } from '../platform/tokens.js';
import { WEBHOOK_EVENTS } from './webhook-events.js';
import { webhookInputInvalid } from './webhook.errors.js';
import {
  CreatedWebhook,
  type CreateWebhookInput,
  TooManyWebhooks,
  type UpdateWebhookInput,
  Webhook,
  WebhookNotFound,
  WebhookUrlRefused,
} from './webhook.types.js';

const MOST_WEBHOOKS = 20;
const MOST_DELIVERIES_SHOWN = 100;

@Injectable()
export class WebhookService {
  constructor(
    private readonly webhooks: WebhookRepository,
    private readonly deliveries: WebhookDeliveryRepository,
    @Inject(CONFIG) private readonly config: ApiConfig,
  ) {}

  list(account: Address) {
    return this.webhooks.list(account);
  }

  async create(account: Address, { url, events }: CreateWebhookInput) {
    const refused = this.#refusalOf(url);
    if (refused !== undefined) return refused;
    const webhookId = randomId();
    const secret = newSecret();
    const webhook = { webhookId, account, url, events: checkedEvents(events), secret };
    if (!(await this.webhooks.add(webhook, MOST_WEBHOOKS))) {
      return new TooManyWebhooks(`An account has at most ${MOST_WEBHOOKS} webhooks. Delete one first.`);
    }
    return this.#shown(account, webhookId, secret);
  }

  async update(account: Address, webhookId: string, { url, events, active }: UpdateWebhookInput) {
    const refused = url === undefined ? undefined : this.#refusalOf(url);
    if (refused !== undefined) return refused;
    const patch = {
      ...(url !== undefined && { url }),
      ...(events !== undefined && { events: checkedEvents(events) }),
      ...(active !== undefined && { active }),
    };
    if (!(await this.webhooks.update(account, webhookId, patch))) return notFound();
    return Object.assign(new Webhook(), await this.webhooks.find(account, webhookId));
  }

  /** Another secret, at once: deliveries from now on are signed with it. */
  async rotate(account: Address, webhookId: string) {
    const secret = newSecret();
    const exists = await this.webhooks.update(account, webhookId, { secret });
    return exists ? this.#shown(account, webhookId, secret) : notFound();
  }

  remove(account: Address, webhookId: string): Promise<boolean> {
    return this.webhooks.remove(account, webhookId);
  }

  deliveriesOf(account: Address, webhookId: string) {
    return this.deliveries.list(account, webhookId, MOST_DELIVERIES_SHOWN);
  }

  sendAgain(account: Address, deliveryId: string): Promise<boolean> {
    return this.deliveries.sendAgain(account, deliveryId);
  }

  /** What can be said before its name is resolved; the rest is found out at every delivery. */
  #refusalOf(url: string) {
    try {
      checkUrl(url, this.config.outbound);
      return undefined;
    } catch (error) {
      if (isDomainError(error)) return new WebhookUrlRefused(error.message);
      throw error;
    }
  }

  async #shown(account: Address, webhookId: string, secret: string): Promise<CreatedWebhook> {
    const webhook = Object.assign(new Webhook(), await this.webhooks.find(account, webhookId));
    return Object.assign(new CreatedWebhook(), { webhook, secret });
  }
}

const newSecret = () => `whsec_${randomSecret()}`;
const notFound = () => new WebhookNotFound('You have no webhook of this id. List them with myWebhooks.');

function checkedEvents(events: readonly string[]): string[] {
  const unknown = events.find((event) => !WEBHOOK_EVENTS.includes(event));
  if (unknown !== undefined) throw webhookInputInvalid('There is no such event. webhookEvents lists those there are.');
  if (events.length === 0) throw webhookInputInvalid('Choose at least one event. webhookEvents lists them.');
  return [...new Set(events)];
}
