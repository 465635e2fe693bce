import type { Chain } from '@openimo/chain';
import type { Deployment } from '@openimo/contracts';
import { type AssertedAnswer, type Judgement, readAnswer, subjectOf } from '@openimo/disputes';
import { isDomainError } from '@openimo/domain';
import type { Verdict, WatchedAnswer, WatchedAnswerRepository } from '@openimo/persistence';
import { Alarm, type Logger, type Vitals } from '@openimo/service';
import { bytesToHex } from 'viem';
import type { Protocol } from '../protocol/protocol.js';
import type { Grievances } from './grievances.js';
import type { Judge } from './judge.js';
import { isPassing } from './trouble.js';

/** A watcher that dies leaves what it had in hand to the next after this long; the next process of the same account does not wait. */
const LEASE_MS = 300_000;
/** Few, because an operator's own answers run in the same processes and are waited for. */
const MOST_AT_ONCE = 2;
const AGAIN_MS = 1_000;
const AGAIN_MOST_MS = 30_000;

/** Judges what others answer, those first whose window closes first, and takes what is wrong to the dispute game. */
export class Watcher {
  readonly #alarm = new Alarm();
  readonly #inHand = new Set<Promise<void>>();
  #leasedToNobody = true;

  constructor(
    private readonly answers: WatchedAnswerRepository,
    private readonly client: Chain['client'],
    private readonly deployment: Deployment,
    private readonly protocol: Protocol,
    private readonly judge: Judge,
    private readonly grievances: Grievances,
    private readonly vitals: Vitals,
    private readonly log: Logger,
    private readonly pollMs: number,
  ) {}

  /** There is something to judge. */
  wake(): void {
    this.#alarm.ring();
  }

  /** Works until the signal aborts, and returns once nothing is in hand any more. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        // The account's lease says that no other process has them.
        if (this.#leasedToNobody && this.#inHand.size === 0) {
          await this.answers.makeDue();
          this.#leasedToNobody = false;
        }
        await this.#takeUp(signal);
        this.vitals.set('judge', true);
      } catch (error) {
        if (signal.aborted) break;
        this.#leasedToNobody = true;
        if (this.vitals.set('judge', false, (error as Error).message))
          this.log.warn({ err: error }, 'cannot take up answers to judge; trying again');
      }
      await this.#alarm.wait(this.pollMs, signal);
    }
    await Promise.all(this.#inHand);
  }

  async #takeUp(signal: AbortSignal): Promise<void> {
    while (this.#inHand.size < MOST_AT_ONCE && !signal.aborted) {
      const answer = await this.answers.claimNextDue(LEASE_MS);
      if (answer === undefined) return;
      const work = this.#handle(answer, signal).finally(() => {
        this.#inHand.delete(work);
        this.#alarm.ring();
      });
      this.#inHand.add(work);
    }
  }

  async #handle(answer: WatchedAnswer, signal: AbortSignal): Promise<void> {
    try {
      const verdict = (await this.#ended(answer)) ?? (await this.#judge(answer, signal));
      if (verdict !== undefined) await this.answers.settle(answer, verdict);
    } catch (error) {
      if (signal.aborted) return;
      await this.#onTrouble(answer, error).catch((err: unknown) => {
        this.#leasedToNobody = true;
        this.log.warn({ err, requestId: answer.requestId }, 'could not write down when to judge again');
      });
    }
  }

  /** What there is to say without judging: the answer does not stand any more, or it is too late. */
  async #ended(answer: WatchedAnswer): Promise<Verdict | undefined> {
    const { requestId, round, trouble } = answer;
    const block = await this.client.getBlock({ blockTag: 'latest' });
    // A node that is behind knows nothing of the answer yet.
    if (block.number < answer.blockNumber) return undefined;
    const standing = await this.protocol.standing(requestId, { blockNumber: block.number });
    if (standing?.round !== round) return { status: 'void', trouble };
    if (Number(block.timestamp) < standing.finalAt) return undefined;
    const status = trouble === null ? 'missed' : 'unjudgeable';
    this.log.error({ ...told(answer), trouble, verdict: status }, 'an answer became final without our judgement');
    return { status, trouble };
  }

  async #judge(watched: WatchedAnswer, signal: AbortSignal): Promise<Verdict | undefined> {
    const { requestId, round, blockHash } = watched;
    const startedAt = performance.now();
    const asserted = await readAnswer(this.client, this.deployment, { requestId, round, blockHash });
    const judgement = await this.judge.judge(asserted, { signal, finalAt: asserted.finalAt });
    const ms = Math.round(performance.now() - startedAt);
    if (!judgement.right) return this.#accuse(watched, asserted, judgement);
    this.log.info({ ...told(watched), claims: judgement.claims, ms, verdict: 'right' }, 'an answer is right');
    return { status: 'right' };
  }

  /** The grievance is written down before the verdict: killed in between, both come again. */
  async #accuse(
    watched: WatchedAnswer,
    asserted: AssertedAnswer,
    { claim, expected }: Extract<Judgement, { right: false }>,
  ): Promise<Verdict | undefined> {
    const { answer, version } = asserted;
    const disputable = version.modelRoot !== undefined;
    const { item } = claim;
    // While it was judged, a reorganisation may have put another in its place.
    if ((await this.answers.find(watched.requestId, watched.round))?.blockHash !== watched.blockHash) return undefined;
    if (disputable) {
      const { blockNumber } = asserted;
      await this.grievances.file({ ...subjectOf(asserted, item), versionId: version.versionId, blockNumber, answer });
    }
    const differing = { item, asserted: bytesToHex(claim.output), expected: bytesToHex(expected) };
    this.log.error(
      { ...told(watched), ...differing, disputable, verdict: 'wrong' },
      disputable ? 'an answer is wrong' : 'an answer is wrong, and its version has no model root to dispute it by',
    );
    return { status: 'wrong', item };
  }

  /** What passes by itself is tried again until the window closes; about the rest there is nothing to say. */
  async #onTrouble(answer: WatchedAnswer, error: unknown): Promise<void> {
    const { code, message } = isDomainError(error) ? error : { code: 'Unforeseen', message: (error as Error).message };
    const trouble = { code, message };
    if (code === 'AnswerGone') return void (await this.answers.settle(answer, { status: 'void', trouble }));
    if (!isPassing(error)) {
      this.log.error({ ...told(answer), err: error, verdict: 'unjudgeable' }, 'an answer cannot be judged');
      await this.answers.settle(answer, { status: 'unjudgeable', trouble });
      return;
    }
    if (answer.attempts === 1) this.log.warn({ ...told(answer), err: error }, 'cannot judge an answer yet');
    const leftMs = answer.finalAt.getTime() - Date.now();
    const afterMs = Math.max(AGAIN_MS / 4, Math.min(AGAIN_MOST_MS, AGAIN_MS * answer.attempts, leftMs / 4));
    await this.answers.postpone(answer, new Date(Date.now() + afterMs), trouble);
  }
}

function told({ requestId, round, versionId, operator }: WatchedAnswer) {
  return { requestId, round, versionId, operator };
}
