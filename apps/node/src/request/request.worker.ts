import type { Chain } from '@openimo/chain';
import { isDomainError, type ModelRunner } from '@openimo/domain';
import {
  type DataSource,
  inTransaction,
  type Job,
  JOB_STATUSES,
  type JobPatch,
  type JobRepository,
  type JobStatus,
  NEVER,
} from '@openimo/persistence';
import { Alarm, type Logger, type Vitals } from '@openimo/service';
import type { Effects } from '../effect/effects.js';
import type { ModelCatalogue } from '../enrolment/model-catalogue.js';
import type { Call, Protocol } from '../protocol/protocol.js';
import { answerBatch } from './answer-batch.js';
import { jobPath } from './job-path.js';
import { statusFrom } from './job-status.js';
import { type Move, nextMove, type RequestFacts } from './move.js';
import { Reservations } from './reservations.js';

/** A worker that dies leaves its jobs to the next after this long; the next process of the same account does not wait for it. */
const LEASE_MS = 120_000;
const MOST_AT_ONCE = 64;
/** How soon a job is looked at again whose transaction is on the way, or that the chain would refuse at this moment. */
const SOON_MS = 500;

/** When to look at a job again: at once, after a while, or when an event of the chain says so. */
type Next = 'now' | 'never' | { readonly afterMs: number };

/** Takes up the requests that are due and makes the next move on each. Everything it knows is in rows and on the chain. */
export class RequestWorker {
  readonly #alarm = new Alarm();
  /** Jobs in hand; true where something happened meanwhile that has to be looked at. */
  readonly #inHand = new Map<bigint, { again: boolean; done: Promise<void> }>();
  readonly #reservations = new Reservations();
  /** The newest block that an event came from. Behind one RPC may be many nodes, some of which do not have it yet. */
  #seenBlock = 0n;
  /** Whether some rows may be leased to nobody: to a former life of this process, or to a claim whose answer was lost. */
  #leasedToNobody = true;

  constructor(
    private readonly dataSource: DataSource,
    private readonly jobs: JobRepository,
    private readonly client: Chain['client'],
    private readonly protocol: Protocol,
    private readonly catalogue: Pick<ModelCatalogue, 'verdict'>,
    private readonly runner: ModelRunner,
    private readonly effects: Effects,
    private readonly vitals: Vitals,
    private readonly log: Logger,
    private readonly pollMs: number,
  ) {}

  /**
   * Something happened to these requests in a block up to `seenBlock`, and their rows are due, or about to be. Call it before the
   * rows are written: a move that was decided before is then decided again, whatever it writes meanwhile.
   */
  wake(requestIds: Iterable<bigint>, seenBlock: bigint): void {
    this.#seenBlock = seenBlock;
    for (const id of requestIds) {
      const inHand = this.#inHand.get(id);
      if (inHand) inHand.again = true;
    }
    this.#alarm.ring();
  }

  /** As `wake`, for all of them; the chain may have become shorter. */
  wakeAll(seenBlock = 0n): void {
    this.wake(this.#inHand.keys(), seenBlock);
  }

  /** Works until the signal aborts, and returns once nothing is in hand any more. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        // Due now: the account's lease says that no other process has them, and what is in hand here is looked at twice.
        if (this.#leasedToNobody) {
          this.#leasedToNobody = false;
          await this.jobs.makeDue();
        }
        await this.#takeUp(signal);
        this.vitals.set('work', true);
      } catch (error) {
        if (signal.aborted) break;
        this.#leasedToNobody = true;
        const reason = (error as Error).message;
        if (this.vitals.set('work', false, reason))
          this.log.warn({ err: error }, 'cannot take up requests; trying again');
      }
      await this.#alarm.wait(this.pollMs, signal);
    }
    await Promise.all([...this.#inHand.values()].map(({ done }) => done));
  }

  async #takeUp(signal: AbortSignal): Promise<void> {
    while (this.#inHand.size < MOST_AT_ONCE && !signal.aborted) {
      const job = await this.jobs.claimNextDue(JOB_STATUSES, LEASE_MS);
      if (job === undefined) return;
      const inHand = this.#inHand.get(job.requestId);
      if (inHand) {
        inHand.again = true;
        continue;
      }
      const taken = { again: false, done: Promise.resolve() };
      this.#inHand.set(job.requestId, taken);
      taken.done = this.#handle(job.requestId, taken, signal).finally(() => {
        this.#inHand.delete(job.requestId);
        this.#alarm.ring();
      });
    }
  }

  async #handle(requestId: bigint, inHand: { again: boolean }, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      inHand.again = false;
      let next: Next;
      try {
        next = await this.#step(requestId, signal);
      } catch (error) {
        if (signal.aborted) return;
        this.log.warn({ requestId, err: error }, 'could not make a move; trying again');
        next = { afterMs: 1_000 };
      }
      if (next === 'now' || inHand.again) continue;
      try {
        await this.jobs.postpone(requestId, next === 'never' ? NEVER : new Date(Date.now() + next.afterMs));
        if (!inHand.again) return;
      } catch (error) {
        this.#leasedToNobody = true;
        this.log.warn({ requestId, err: error }, 'could not write down when to look again');
        return;
      }
    }
  }

  async #step(requestId: bigint, signal: AbortSignal): Promise<Next> {
    const block = await this.client.getBlock({ blockTag: 'latest' });
    if (block.number < this.#seenBlock) return { afterMs: SOON_MS };
    const facts = await this.protocol.requestFacts(requestId, { blockNumber: block.number });
    const job = await this.#follow(requestId, facts);
    if (job === undefined) return 'never';

    const covered = { ...facts, freeStake: facts.freeStake - this.#reservations.besides(requestId) };
    const now = Math.max(Number(block.timestamp), Math.floor(Date.now() / 1_000));
    const known = { answered: job.outputs !== null, convicted: job.status === 'voided', refused: job.error?.code };
    const move = nextMove(known, covered, this.protocol.me, now);
    if (move.do !== 'assert') this.#reservations.release(requestId);
    this.log.trace({ requestId, status: job.status, chain: facts.status, move }, 'move');
    return this.#make(move, job, facts, now, block.number, signal);
  }

  async #make(
    move: Move,
    job: Job,
    facts: RequestFacts,
    now: number,
    decidedAt: bigint,
    signal: AbortSignal,
  ): Promise<Next> {
    const { requestId } = job;
    const outputs = job.outputs ?? [];
    switch (move.do) {
      case 'wait':
        return { afterMs: Math.max(SOON_MS / 2, (move.until - now) * 1_000 - (Date.now() % 1_000)) };
      case 'run':
        return this.#run(job, signal);
      case 'assert': {
        this.#reservations.hold(requestId, facts.bond);
        if (job.status !== 'asserting') await this.#move(job, 'asserting', { round: move.round });
        return this.#perform(
          job,
          assertEffect(requestId, move.round),
          this.protocol.assertOutputs(requestId, outputs),
          decidedAt,
        );
      }
      case 'deliver':
        return this.#perform(
          job,
          deliverEffect(requestId, move.round),
          this.protocol.deliver(requestId, outputs, job.callbackData),
          decidedAt,
        );
      case 'finalize': {
        if (job.status !== 'finalizing') await this.#move(job, 'finalizing');
        const call = move.deliver
          ? this.protocol.finalizeAndDeliver(requestId, outputs, job.callbackData)
          : this.protocol.finalize(requestId);
        return this.#perform(job, finalizeEffect(requestId, move.round), call, decidedAt);
      }
      case 'refund':
        return this.#perform(job, refundEffect(requestId), this.protocol.refund(requestId), decidedAt);
      case 'distribute': {
        await this.#move(job, 'final');
        const call = this.protocol.distributeFee(requestId);
        return this.#perform(job, distributeEffect(requestId), call, decidedAt, (move.again - now) * 1_000);
      }
      case 'end': {
        if (move.outcome === 'collected') await this.#move(job, 'final');
        this.effects.forget(...effectsOf(requestId, facts.round));
        this.log.info({ requestId, outcome: move.outcome }, 'request ended');
        return 'never';
      }
    }
  }

  async #perform(job: Job, effect: string, call: Call, decidedAt: bigint, refusedMs = SOON_MS): Promise<Next> {
    const { result, ...rest } = await this.effects.perform(effect, call, decidedAt);
    if (result === 'refused') {
      this.#reservations.release(job.requestId);
      this.log.debug({ requestId: job.requestId, effect, ...rest }, 'not now');
      return { afterMs: refusedMs };
    }
    return { afterMs: result === 'unfunded' ? 2_000 : SOON_MS };
  }

  async #run(job: Job, signal: AbortSignal): Promise<Next> {
    const version = await this.protocol.version(job.versionId);
    const verdict = await this.catalogue.verdict(version);
    if (!verdict.fit) {
      this.log.warn({ requestId: job.requestId, reason: verdict.reason }, 'cannot answer this request');
      return { afterMs: 5_000 };
    }
    const { fileHash, io } = version;
    const startedAt = performance.now();
    try {
      const outputs = await answerBatch(this.runner, fileHash, io, job, signal);
      await this.#move(job, 'computed', { outputs });
      this.log.info({ requestId: job.requestId, ms: Math.round(performance.now() - startedAt) }, 'computed');
      return 'now';
    } catch (error) {
      if (!isDomainError(error)) throw error;
      // A file that is not there (yet) may come back; what the model itself does wrong, it does again.
      const passing = error.retryable || error.code === 'ModelNotFound' || error.code === 'ModelCorrupt';
      if (passing && job.attempts < 5) throw error;
      if (passing) return { afterMs: 5_000 };
      this.log.error({ requestId: job.requestId, err: error }, 'the model does not answer this request');
      await this.#move(job, 'failed', {
        error: { code: error.code, message: error.message, data: error.toJSON().data as Record<string, unknown> },
      });
      return 'now';
    }
  }

  /** Brings the row to where the chain is, and reads it. */
  async #follow(requestId: bigint, facts: RequestFacts): Promise<Job | undefined> {
    const job = await this.jobs.find(requestId);
    if (job === undefined) return undefined;
    const computed = job.outputs !== null;
    const to = statusFrom(job.status, { computed, refused: job.error !== null }, facts, this.protocol.me);
    if (to === job.status) return job;
    if (to === 'voided') this.log.error({ requestId, round: facts.round }, 'our answer was proven wrong');
    else this.log.info({ requestId, from: job.status, to }, 'the chain moved');
    const finalAt = facts.assertion ? new Date(facts.assertion.finalAt * 1_000) : null;
    await this.#move(job, to, { finalAt, round: facts.round });
    return this.jobs.find(requestId);
  }

  async #move(job: Job, to: JobStatus, patch: JobPatch = {}): Promise<void> {
    const path = jobPath(job.status, to);
    if (path === undefined) throw new Error(`no way from ${job.status} to ${to}`);
    await inTransaction(this.dataSource, async (manager) => {
      let from = job.status;
      // Ours for as long as we have it in hand; whoever sets it free says when it is due.
      const nextAttemptAt = new Date(Date.now() + LEASE_MS);
      for (const status of path) {
        await this.jobs.move(job.requestId, from, status, { ...patch, nextAttemptAt }, manager, job.blockHash);
        from = status;
      }
    });
    job.status = to;
  }
}

const assertEffect = (requestId: bigint, round: number) => `assert:${requestId}:${round}`;
const deliverEffect = (requestId: bigint, round: number) => `deliver:${requestId}:${round}`;
const finalizeEffect = (requestId: bigint, round: number) => `finalize:${requestId}:${round}`;
const refundEffect = (requestId: bigint) => `refund:${requestId}`;
const distributeEffect = (requestId: bigint) => `distribute:${requestId}`;

/** All that this round of a request may have asked for, and the answer that came too late for it. */
function effectsOf(requestId: bigint, round: number): string[] {
  return [
    assertEffect(requestId, round),
    assertEffect(requestId, round + 1),
    deliverEffect(requestId, round),
    finalizeEffect(requestId, round),
    refundEffect(requestId),
    distributeEffect(requestId),
  ];
}
