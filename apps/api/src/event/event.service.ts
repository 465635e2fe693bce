import { Inject, Injectable } from '@nestjs/common';
import { DomainError, type Hex } from '@openimo/domain';
import { OutboxRepository, type OutboxRow } from '@openimo/persistence';
import { describeError, type Logger, pause, type Shutdown } from '@openimo/service';
import type { ApiConfig } from '../config/config.js';
import { DisputeService } from '../dispute/dispute.service.js';
import type { Loaders } from '../graphql/loaders.js';
import { CONFIG, LOG, SHUTDOWN } from '../platform/tokens.js';
import type { EventErrorCode } from './event.errors.js';
import type { EventArguments } from './event.types.js';
import { followOutbox } from './follow-outbox.js';
import { OutboxFeed } from './outbox-feed.js';

const MOST_EVENT_NAMES = 50;

@Injectable()
export class EventService {
  readonly #feed: OutboxFeed;

  constructor(
    private readonly outbox: OutboxRepository,
    private readonly disputes: DisputeService,
    @Inject(CONFIG) private readonly config: ApiConfig,
    @Inject(SHUTDOWN) private readonly shutdown: Shutdown,
    @Inject(LOG) private readonly log: Logger,
  ) {
    this.#feed = new OutboxFeed(outbox);
  }

  onApplicationBootstrap(): void {
    const { signal } = this.shutdown;
    signal.addEventListener('abort', () => this.#feed.close(), { once: true });
    void this.#watch(signal);
  }

  /** @throws DomainError `PositionUnknown`, `PositionForgotten`, `TooManyFilters`, `DisputeUnknown` */
  async follow(wanted: EventArguments, loaders: Loaders): Promise<AsyncIterableIterator<OutboxRow>> {
    if ((wanted.events?.length ?? 0) > MOST_EVENT_NAMES) {
      throw failure('TooManyFilters', `Name at most ${MOST_EVENT_NAMES} events, or none to get all.`);
    }
    const disputed = await this.#requestOf(wanted.disputeId, loaders);
    const last = await this.#feed.last();
    const after = wanted.after ?? last;
    if (after !== last) await this.#checkPosition(after);
    return followOutbox(this.#feed, after, (row) => isWanted(row, wanted, disputed));
  }

  /** The request that a dispute is about. */
  async #requestOf(disputeId: Hex | undefined, loaders: Loaders): Promise<bigint | undefined> {
    if (disputeId == null) return undefined;
    const dispute = await this.disputes.byId(disputeId, loaders);
    if (dispute !== null) return dispute.requestId;
    throw failure('DisputeUnknown', `There is no dispute ${disputeId}. \`disputes\` lists those there are.`);
  }

  /** Whoever was away for longer than we remember has to read again; silence would be a loss nobody notices. */
  async #checkPosition(after: bigint): Promise<void> {
    const last = await this.outbox.lastPosition();
    const advice = 'Read what you need anew, and follow from `_meta { outboxPosition }`.';
    if (after < 0n || after > last) {
      throw failure('PositionUnknown', `There is no position ${after}; the newest is ${last}. ${advice}`);
    }
    const [next] = await this.outbox.after(after, 1);
    if (next !== undefined && next.position !== after + 1n) {
      throw failure('PositionForgotten', `What came after ${after} is not kept any more. ${advice}`);
    }
  }

  async #watch(signal: AbortSignal): Promise<void> {
    let isTroubled = false;
    while (!signal.aborted) {
      try {
        await this.#feed.look();
        isTroubled = false;
      } catch (error) {
        // The next look begins where this one did: nothing is passed over.
        if (!isTroubled && !signal.aborted) this.log.warn({ err: describeError(error) }, 'the outbox cannot be read');
        isTroubled = true;
      }
      await pause(this.config.pollMs, signal);
    }
  }
}

/** @param disputed the request of the dispute that is wanted */
function isWanted(row: OutboxRow, wanted: EventArguments, disputed: bigint | undefined): boolean {
  const { events, subject, subjectId, account, disputeId } = wanted;
  if (row.kind === 'finalized' || row.kind === 'reset') return true;
  return (
    (events == null || events.includes(row.event!)) &&
    (subject == null || subject === row.subject) &&
    (subjectId == null || subjectId.toLowerCase() === row.subjectId?.toLowerCase()) &&
    (account == null || account === row.account) &&
    (disputeId == null || isOfDispute(row, disputeId, disputed))
  );
}

function isOfDispute({ event, subject, subjectId }: OutboxRow, disputeId: Hex, requestId?: bigint): boolean {
  if (event === 'TracePosted') return subjectId === String(requestId);
  return subject === 'dispute' && subjectId === disputeId;
}

function failure(code: EventErrorCode, message: string): DomainError<EventErrorCode> {
  return new DomainError(code, message);
}
