import type { Chain } from '@openimo/chain';
import type { Deployment } from '@openimo/contracts';
import {
  type Answer,
  type Audit,
  auditCommitment,
  auditReveal,
  claimOf,
  readAnswer,
  type TraceService,
  type TraceSummary,
} from '@openimo/disputes';
import type { Address, Hex, ModelStore } from '@openimo/domain';
import { Alarm, type Logger } from '@openimo/service';
import type { Effects } from '../effect/effects.js';
import type { Call } from '../protocol/protocol.js';
import type { Grievances } from '../watch/grievances.js';
import { type AuditMove, nextAuditMove, TURN_SECONDS } from './audit-move.js';
import type { Audits } from './audits.js';

/** An answer that may be selected. */
interface Candidate {
  readonly requestId: bigint;
  readonly blockNumber: bigint;
  readonly finalAt: bigint;
  readonly operator: Address;
}

/** An audit that we are drawn for. */
interface Duty {
  readonly id: Hex;
  readonly audit: Audit;
  readonly blockNumber: bigint;
  readonly place: 0 | 1;
  /** Once we ran it. */
  finding?: Finding;
  /** Before this (ms) it is not tried again. */
  notBefore?: number;
}

interface Finding {
  readonly answer: Answer;
  readonly item: number;
  readonly trace: TraceSummary;
  readonly right: boolean;
}

type Saying = Extract<AuditMove, { readonly until: number }>;

const AGAIN_MS = 2_000;

/** Runs the answers again that we are drawn to audit, and says what we found; denies before the judge what is wrong. */
export class AuditWorker {
  readonly #alarm = new Alarm();
  readonly #candidates = new Map<bigint, Candidate>();
  readonly #duties = new Map<Hex, Duty>();
  readonly #inHand = new Map<Hex, Promise<void>>();

  constructor(
    private readonly chain: Pick<Chain, 'client'>,
    private readonly deployment: Deployment,
    private readonly audits: Audits,
    private readonly tracer: TraceService,
    private readonly store: ModelStore,
    private readonly grievances: Grievances,
    private readonly effects: Effects,
    private readonly log: Logger,
    private readonly pollMs: number,
  ) {}

  /** An answer was given. */
  onAnswer(answer: Candidate): void {
    if (answer.operator.toLowerCase() === this.audits.me.toLowerCase()) return;
    this.#candidates.set(answer.requestId, answer);
    this.#alarm.ring();
  }

  /** An audit has begun. */
  onAudit({ auditId: id, audit, blockNumber }: { auditId: Hex; audit: Audit; blockNumber: bigint }): void {
    const place = placeIn(audit, this.audits.me);
    if (place === undefined) return;
    const finding = this.#duties.get(id)?.finding;
    this.#duties.set(id, { id, audit, blockNumber, place, ...(finding && { finding }) });
    this.#alarm.ring();
  }

  /** What happened after this block did not happen. */
  forgetAfter(block: bigint): void {
    for (const [key, { blockNumber }] of this.#candidates) if (blockNumber > block) this.#candidates.delete(key);
    for (const [key, { blockNumber }] of this.#duties) if (blockNumber > block) this.#duties.delete(key);
  }

  /** The audits that we are drawn for and that are not settled, as far as we know. */
  open(): { auditId: Hex; requestId: bigint; found: 'right' | 'wrong' | null }[] {
    return [...this.#duties.values()].map(({ id, audit, finding }) => ({
      auditId: id,
      requestId: audit.requestId,
      found: finding === undefined ? null : finding.right ? 'right' : 'wrong',
    }));
  }

  /** Works until the signal aborts, and returns once nothing is in hand any more. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#round(signal);
      } catch (error) {
        if (!signal.aborted) this.log.warn({ err: error }, 'cannot look after audits; trying again');
      }
      await this.#alarm.wait(this.pollMs, signal);
    }
    await Promise.all(this.#inHand.values());
  }

  async #round(signal: AbortSignal): Promise<void> {
    if (this.#candidates.size === 0 && this.#duties.size === 0) return;
    const block = await this.chain.client.getBlock({ blockTag: 'latest' });
    const head = { number: block.number, time: Number(block.timestamp) };
    for (const candidate of [...this.#candidates.values()]) await this.#consider(candidate, head);
    for (const duty of this.#duties.values()) {
      if (this.#inHand.has(duty.id) || Date.now() < (duty.notBefore ?? 0)) continue;
      const work = this.#attend(duty, head, signal).finally(() => this.#inHand.delete(duty.id));
      this.#inHand.set(duty.id, work);
    }
  }

  // ---------------------------------------------------------------- selecting

  /** Begins the audit of an answer if it is one of ours: who is drawn is paid for it. */
  async #consider({ requestId, finalAt, blockNumber }: Candidate, head: Head): Promise<void> {
    // A node that is behind knows nothing of the answer yet.
    if (head.number < blockNumber) return;
    if (head.time >= Number(finalAt)) return void this.#candidates.delete(requestId);
    const at = { blockNumber: head.number };
    const selection = await this.audits.selection(requestId, at);
    if ('refusal' in selection) {
      if (selection.refusal !== 'Audits_BlockToCome') this.#candidates.delete(requestId);
      return;
    }
    const { audit } = selection;
    const place = placeIn(audit, this.audits.me);
    if (place === undefined || (await this.audits.hasBegun(audit, at))) {
      this.#candidates.delete(requestId);
      return;
    }
    if (head.time < audit.assertedAt + place * TURN_SECONDS) return;
    if (await this.#fillPot(audit, head)) return;
    const until = audit.assertedAt + audit.quarter;
    await this.#perform(`audit-select:${requestId}:${audit.round}`, this.audits.select(requestId), head, until);
  }

  /** What an audit pays is fixed when it begins: the pot has to be filled before. True while that is on its way. */
  async #fillPot({ asset, share, quarter, assertedAt }: Audit, head: Head): Promise<boolean> {
    const inTime = head.time < assertedAt + quarter / 2;
    if (share > 0n || !inTime || (await this.audits.uncollected(asset, { blockNumber: head.number })) === 0n)
      return false;
    const effect = await this.effects.perform(`audit-collect:${asset}`, this.audits.collect(asset), head.number);
    return effect.result === 'sent' || effect.result === 'pending' || effect.result === 'stale';
  }

  // ---------------------------------------------------------------- auditing

  async #attend(duty: Duty, head: Head, signal: AbortSignal): Promise<void> {
    const { id, audit, place } = duty;
    // A node that is behind knows nothing of the audit yet.
    if (head.number < duty.blockNumber) return;
    try {
      const state = await this.audits.state(id, audit, { blockNumber: head.number });
      const move = nextAuditMove(audit, state, place, head.time);
      if (move.do === 'forget') this.#forget(duty, head);
      else if (move.do === 'settle') await this.#perform(`audit-settle:${id}`, this.audits.settle(audit), head);
      else if (move.do !== 'wait') await this.#say(duty, move, head, signal);
    } catch (error) {
      if (signal.aborted) return;
      duty.notBefore = Date.now() + AGAIN_MS;
      this.log.warn({ auditId: id, requestId: audit.requestId, err: error }, 'cannot audit an answer yet');
    }
  }

  async #say(duty: Duty, { do: what, until }: Saying, head: Head, signal: AbortSignal): Promise<void> {
    const { id, audit } = duty;
    const { trace, answer, item } = (duty.finding ??= await this.#find(audit, signal));
    const call =
      what === 'commit'
        ? this.audits.commit(audit, auditCommitment(trace.root, this.audits.me))
        : this.audits.reveal(auditReveal(audit, answer, item, trace));
    await this.#perform(`audit-${what}:${id}`, call, head, until);
  }

  /** Runs the audited item or step. One that is wrong is on its way to the judge when this returns. */
  async #find(audit: Audit, signal: AbortSignal): Promise<Finding> {
    const { requestId, round, versionId, assertedAt, quarter } = audit;
    // The oracle counts answers from 1.
    const { answer, version, blockNumber } = await readAnswer(this.chain.client, this.deployment, {
      requestId,
      round: round + 1,
    });
    const item = await this.audits.itemOf(audit, answer);
    const { input, output } = claimOf(answer, item);
    const modelPath = await this.store.pathOf(version.fileHash);
    const task = { modelPath, modelRoot: version.modelRoot!, input };
    const trace = await this.tracer.trace(task, { signal, urgency: assertedAt + 2 * quarter });
    const right = Buffer.compare(trace.output, output) === 0;
    if (!right) await this.grievances.file({ requestId, round, item, versionId, blockNumber, answer });
    this.log.info({ requestId, round, item, right }, right ? 'audited an answer: right' : 'audited an answer: wrong');
    return { answer, item, trace, right };
  }

  /** @param until seconds of chain time; what is left is the same by our clock */
  async #perform(effect: string, call: Call, head: Head, until?: number): Promise<void> {
    const by = until === undefined ? undefined : new Date(Date.now() + (until - head.time) * 1_000);
    await this.effects.perform(effect, call, head.number, by);
  }

  /** After a while: a reorganisation would make it open again. */
  #forget({ id, audit }: Duty, head: Head): void {
    if (head.time < audit.assertedAt + 8 * audit.quarter) return;
    this.#duties.delete(id);
    this.effects.forget(...['commit', 'reveal', 'settle'].map((what) => `audit-${what}:${id}`));
    this.effects.forget(`audit-select:${audit.requestId}:${audit.round}`);
  }
}

interface Head {
  readonly number: bigint;
  /** Seconds of chain time. */
  readonly time: number;
}

function placeIn({ auditors }: Audit, me: Address): 0 | 1 | undefined {
  const place = auditors.findIndex((auditor) => auditor.toLowerCase() === me.toLowerCase());
  return place === 0 || place === 1 ? place : undefined;
}
