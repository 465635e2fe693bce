import { isDomainError } from '@openimo/domain';
import type { SafeFetch } from '@openimo/outbound';
import { type Attempt, type DueDelivery, WebhookDeliveryRepository } from '@openimo/persistence';
import { type Logger, pause } from '@openimo/service';
import { SIGNATURE_HEADER, signatureOf } from './signature.js';
import { webhookBody } from './webhook-body.js';

/** Until the second attempt, the third and so on: about a day in all. */
const RETRY_AFTER_MS = [10_000, 60_000, 300_000, 1_800_000, 7_200_000, 21_600_000, 43_200_000];
/** Longer than an attempt can take. */
const LEASE_MS = 30_000;
/** A slow receiver keeps one of them waiting, not everybody. */
const SENDERS = 4;
const PRUNE_EVERY_MS = 3_600_000;

export interface SenderOptions {
  readonly pollMs: number;
  /** For tests: RETRY_AFTER_MS. */
  readonly retryAfterMs?: readonly number[];
}

/** Makes deliveries of what the outbox announces, and sends them: at least once each, in any order. */
export class WebhookSender {
  constructor(
    private readonly deliveries: WebhookDeliveryRepository,
    private readonly fetchSafely: SafeFetch,
    private readonly log: Logger,
    private readonly options: SenderOptions,
  ) {}

  /** Until the signal. Any number of processes may do so side by side. */
  async run(signal: AbortSignal): Promise<void> {
    const loops = [
      this.#repeat(signal, this.options.pollMs, async () => (await this.deliveries.fanOut(webhookBody)) > 0),
      this.#repeat(signal, PRUNE_EVERY_MS, async () => {
        await this.deliveries.prune();
        return false;
      }),
      ...Array.from({ length: SENDERS }, () => this.#repeat(signal, this.options.pollMs, () => this.#sendNext(signal))),
    ];
    await Promise.all(loops);
  }

  /** Again at once as long as there was something to do. */
  async #repeat(signal: AbortSignal, everyMs: number, work: () => Promise<boolean>): Promise<void> {
    while (!signal.aborted) {
      const more = await work().catch((err: unknown) => {
        if (!signal.aborted) this.log.warn({ err }, 'webhooks wait');
        return false;
      });
      if (!more) await pause(everyMs, signal);
    }
  }

  async #sendNext(signal: AbortSignal): Promise<boolean> {
    const due = await this.deliveries.claimNextDue(LEASE_MS);
    if (due === undefined) return false;
    const { retryable, ...attempt } = await this.#attempt(due, signal);
    // Ended in the middle: the lease runs out, and somebody sends it again.
    if (signal.aborted) return false;
    const delayMs = (this.options.retryAfterMs ?? RETRY_AFTER_MS)[due.attempts - 1];
    if (attempt.error === null) await this.deliveries.delivered(due.deliveryId, attempt);
    else if (!retryable || delayMs === undefined) await this.deliveries.giveUp(due.deliveryId, attempt);
    else await this.deliveries.postpone(due.deliveryId, attempt, new Date(Date.now() + delayMs));
    return true;
  }

  async #attempt(due: DueDelivery, signal: AbortSignal): Promise<Attempt & { readonly retryable: boolean }> {
    try {
      const { status } = await this.fetchSafely(due.url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          [SIGNATURE_HEADER]: signatureOf(due.secret, due.body, new Date()),
          'openimo-delivery': due.deliveryId,
          'openimo-event': due.eventId,
        },
        body: due.body,
        signal,
      });
      const isGood = status >= 200 && status < 300;
      return { responseStatus: status, error: isGood ? null : `The receiver answered ${status}.`, retryable: true };
    } catch (error) {
      const known = isDomainError(error);
      const reason = known ? error.message : 'It could not be sent.';
      return { responseStatus: null, error: reason, retryable: known ? error.retryable : true };
    }
  }
}
