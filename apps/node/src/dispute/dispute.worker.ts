import type { Chain } from '@openimo/chain';
import { type DisputeRecord, disputeId, encodeChallenge, type Side, type Subject, turnOf } from '@openimo/disputes';
import { isDomainError } from '@openimo/domain';
import type { GrievanceRepository, GrievanceRow } from '@openimo/persistence';
import { Alarm, type Logger, type Vitals } from '@openimo/service';
import type { Hex } from 'viem';
import type { Effects } from '../effect/effects.js';
import type { Call } from '../protocol/protocol.js';
import type { DisputeBook } from './dispute-book.js';
import { nextDisputeMove, openingMove } from './dispute-move.js';
import type { DisputePlayer, DisputePlayerErrorCode } from './dispute-player.js';
import type { Game } from './game.js';
import { Known } from './known.js';
import { fromStoredAnswer } from './stored-answer.js';

const MOST_AT_ONCE = 16;
/** How soon a dispute is looked at again whose transaction is on the way, or that the chain would refuse at this moment. */
const SOON_MS = 500;
/** How soon something is tried again that went wrong. */
const AGAIN_MS = 2_000;
/** How seldom one that is not ours is looked at, should no event wake us. */
const IDLE_MS = 60_000;
const WINNINGS = 'dispute-winnings';
/** How far the database's clock and ours may be apart. */
const CLOCK_SLACK_MS = 60_000;

/** When to look again: after a while, or when an event of the chain says so. */
type Next = { readonly afterMs: number } | 'never';

/** A dispute that we play, or may have to. */
interface Match {
  readonly id: Hex;
  readonly subject: Subject;
  readonly side: Side;
  readonly grievance?: GrievanceRow;
}

/** A dispute of ours as metrics tell it. */
export interface OpenDispute {
  readonly id: Hex;
  readonly side: Side;
  readonly ourTurn: boolean;
  readonly deadline: number;
}

/** Plays every dispute that is ours, each at its own pace. Everything it knows is in rows and on the chain. */
export class DisputeWorker {
  readonly #alarm = new Alarm();
  readonly #inHand = new Map<Hex | typeof WINNINGS, Promise<void>>();
  /** When (ms) to look at one again; those that are not here are due. */
  readonly #dueAt = new Map<Hex | typeof WINNINGS, number>();
  #known = new Known();
  readonly #troubles = new Map<Hex, string>();

  constructor(
    private readonly client: Chain['client'],
    private readonly book: DisputeBook,
    private readonly grievances: GrievanceRepository,
    private readonly game: Game,
    private readonly player: DisputePlayer,
    private readonly effects: Effects,
    private readonly vitals: Vitals,
    private readonly log: Logger,
    private readonly pollMs: number,
  ) {}

  /** Something happened. */
  wake(): void {
    this.#dueAt.clear();
    this.#alarm.ring();
  }

  /** The chain moved back: what was known may be wrong. */
  forget(): void {
    this.#known = new Known();
    this.player.forget();
    this.wake();
  }

  /** Disputes of ours that are undecided. */
  open(): OpenDispute[] {
    return this.book.all().flatMap((record) => {
      const turn = turnOf(record);
      const side = this.#sideIn(record);
      if (turn === undefined || side === undefined) return [];
      return [{ id: record.id, side, ourTurn: turn.side === side, deadline: turn.deadline }];
    });
  }

  /** Works until the signal aborts, and returns once nothing is in hand any more. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        if (this.book.block !== undefined) await this.#takeUp(signal);
        this.vitals.set('dispute work', true);
      } catch (err) {
        if (signal.aborted) break;
        if (this.vitals.set('dispute work', false, (err as Error).message))
          this.log.warn({ err }, 'cannot take up disputes; trying again');
      }
      await this.#alarm.wait(this.pollMs, signal);
    }
    await Promise.all(this.#inHand.values());
  }

  async #takeUp(signal: AbortSignal): Promise<void> {
    this.#take(WINNINGS, signal, () => this.#withdrawWinnings());
    for (const match of await this.#matches()) this.#take(match.id, signal, () => this.#step(match, signal));
  }

  /** Those whose clock runs out first come first. */
  async #matches(): Promise<Match[]> {
    const filed = await this.grievances.filed();
    const matches = new Map<Hex, Match>();
    for (const grievance of filed) {
      const { requestId, round, item } = grievance;
      const subject = { requestId, round, item };
      const id = disputeId(subject, this.game.me);
      matches.set(id, { id, subject, side: 'challenger', grievance });
    }
    for (const record of this.book.all()) {
      const { id, subject, outcome } = record;
      if (matches.has(id) || this.#known.ended.has(id)) continue;
      if (isSame(record.challenger, this.game.me)) matches.set(id, { id, subject, side: 'challenger' });
      else if (outcome === undefined) matches.set(id, { id, subject, side: 'operator' });
    }
    const deadlineOf = ({ id }: Match) => turnOf(this.book.find(id) ?? NO_DISPUTE)?.deadline ?? 0;
    return [...matches.values()].sort((a, b) => deadlineOf(a) - deadlineOf(b));
  }

  #take(id: Hex | typeof WINNINGS, signal: AbortSignal, step: () => Promise<Next>): void {
    if (this.#inHand.size >= MOST_AT_ONCE || this.#inHand.has(id)) return;
    if ((this.#dueAt.get(id) ?? 0) > Date.now()) return;
    this.#dueAt.set(id, Infinity);
    const work = step()
      .then(
        (next) => next,
        (err: unknown): Next => {
          if (!signal.aborted) this.log.warn({ dispute: id, err }, 'could not make a move in a dispute; trying again');
          return { afterMs: AGAIN_MS };
        },
      )
      .then((next) => {
        this.#inHand.delete(id);
        // Woken meanwhile, it is due at once.
        if (this.#dueAt.has(id)) this.#dueAt.set(id, next === 'never' ? Infinity : Date.now() + next.afterMs);
        this.#alarm.ring();
      });
    this.#inHand.set(id, work);
  }

  async #step(match: Match, signal: AbortSignal): Promise<Next> {
    const readAt = this.book.block!;
    const block = await this.client.getBlock({ blockTag: 'latest' });
    // Behind one RPC may be many nodes, some of which do not have the newest block yet.
    if (block.number < readAt) return { afterMs: SOON_MS };
    const now = Number(block.timestamp);
    const record = this.book.find(match.id);
    if (record === undefined) return this.#open(match, now, readAt, signal);
    if (match.side === 'operator' && !(await this.#isOurs(record, readAt))) return { afterMs: IDLE_MS };
    return this.#play(match, record, now, readAt, signal);
  }

  async #open(match: Match, now: number, readAt: bigint, signal: AbortSignal): Promise<Next> {
    const grievance = match.grievance!;
    const { subject, id } = match;
    // Whoever found it wrong may have read further than we have: here the answer is still to come.
    if (readAt < grievance.blockNumber) return { afterMs: SOON_MS };
    const answer = fromStoredAnswer(grievance.answer);
    const facts = await this.game.answer(subject.requestId, { blockNumber: readAt });
    const move = openingMove({ round: subject.round, outputRoot: answer.outputRoot }, facts, this.game.me, now);
    if (move.do === 'drop') return this.#drop(match, move.reason);
    const urgency = facts.standing!.finalAt;
    try {
      const isRight = await this.player.isRight(grievance, { signal, urgency });
      if (isRight) return await this.#drop(match, 'the answer is right');
    } catch (error) {
      if (isDomainError<DisputePlayerErrorCode>(error, 'NotDisputable')) return this.#drop(match, error.message);
      throw error;
    }
    const call = this.game.call(encodeChallenge(subject, answer), await this.game.bond({ blockNumber: readAt }));
    return this.#perform(id, `challenge:${id}`, call, readAt, facts.standing!.finalAt - now);
  }

  async #drop({ id, subject, grievance }: Match, reason: string): Promise<Next> {
    if (!(await this.grievances.drop(grievance!, reason))) return { afterMs: 0 };
    this.effects.forget(`challenge:${id}`);
    this.log.warn({ ...subject, reason }, 'a grievance was dropped');
    return 'never';
  }

  async #isOurs({ subject }: DisputeRecord, blockNumber: bigint): Promise<boolean> {
    const key = keyOf(subject);
    const { defendants } = this.#known;
    const known = defendants.get(key);
    if (known !== undefined) return isSame(known, this.game.me);
    const { round, standing } = await this.game.answer(subject.requestId, { blockNumber });
    if (standing === undefined || round !== subject.round) return false;
    defendants.set(key, standing.operator);
    return isSame(standing.operator, this.game.me);
  }

  async #play(match: Match, record: DisputeRecord, now: number, readAt: bigint, signal: AbortSignal): Promise<Next> {
    const { id, side, subject } = match;
    const decided = record.outcome !== undefined;
    const due = decided && side === 'challenger' && record.outcome !== 'challengerLost';
    const ply = plyOf(record);
    const played = this.#known.played.get(id);
    const move = nextDisputeMove(
      {
        record,
        side,
        due: due ? await this.game.dueTo(id, { blockNumber: readAt }) : 0n,
        speechless: played?.ply === ply && played.move === undefined,
      },
      now,
    );
    switch (move.do) {
      case 'wait':
        return { afterMs: Math.max(SOON_MS, (move.until - now) * 1_000) };
      case 'move':
        return this.#move(match, record, move.deadline, now, readAt, signal);
      case 'timeout': {
        const { data } = await this.player.timeout(record, match.grievance, { signal, urgency: now });
        return this.#perform(id, `dispute:${id}:${ply}:timeout`, this.game.call(data), readAt);
      }
      case 'withdraw':
        return this.#perform(id, `dispute:${id}:withdraw`, this.game.withdraw([subject]), readAt);
      case 'end':
        return this.#end(match, record, move.won);
    }
  }

  async #move(
    match: Match,
    record: DisputeRecord,
    deadline: number,
    now: number,
    readAt: bigint,
    signal: AbortSignal,
  ): Promise<Next> {
    const { id, side, subject } = match;
    const ply = plyOf(record);
    const known = this.#known;
    let played = known.played.get(id);
    if (played?.ply !== ply) {
      try {
        const options = { signal, urgency: deadline };
        played = { ply, move: await this.player.nextMove(record, side, match.grievance, options) };
      } catch (err) {
        if (!signal.aborted) this.#trouble(id, `${(err as Error).message} ${deadline - now} s are left.`);
        throw err;
      }
      this.#trouble(id);
      // It may name what is not on the chain any more.
      if (known !== this.#known) return { afterMs: 0 };
      known.played.set(id, played);
      this.log.info(
        { ...subject, dispute: id, side, move: played.move?.kind ?? null, secondsLeft: deadline - now },
        'ply',
      );
    }
    if (played.move === undefined) return { afterMs: 0 };
    const { kind, data } = played.move;
    const effect = kind === 'postTrace' ? `trace:${keyOf(subject)}` : `dispute:${id}:${ply}:${kind}`;
    return this.#perform(id, effect, this.game.call(data), readAt, deadline - now);
  }

  async #end({ id, subject, grievance, side }: Match, { outcome }: DisputeRecord, won: boolean): Promise<Next> {
    const known = this.#known;
    const endedAt = new Date(Date.now() - CLOCK_SLACK_MS);
    if (grievance !== undefined) await this.grievances.settle(subject, won ? 'won' : 'lost', outcome);
    if (known !== this.#known) {
      // Settled on blocks that went meanwhile, perhaps after the follower has opened again what was.
      if (grievance !== undefined) await this.grievances.reopenSince(endedAt);
      return { afterMs: 0 };
    }
    known.ended.add(id);
    known.played.delete(id);
    this.#trouble(id);
    this.log[won ? 'info' : 'error']({ ...subject, dispute: id, side, outcome }, 'dispute ended');
    return 'never';
  }

  async #withdrawWinnings(): Promise<Next> {
    const readAt = this.book.block!;
    if ((await this.game.winnings({ blockNumber: readAt })) === 0n) return { afterMs: IDLE_MS };
    return this.#perform(WINNINGS, WINNINGS, this.game.withdraw([]), readAt);
  }

  /** @param leftSeconds of our clock, for what it runs for */
  async #perform(
    id: Hex | typeof WINNINGS,
    effect: string,
    call: Call,
    readAt: bigint,
    leftSeconds?: number,
  ): Promise<Next> {
    // Of chain time: what is left, not when it ends, is the same by our clock.
    const by = leftSeconds === undefined ? undefined : new Date(Date.now() + leftSeconds * 1_000);
    const { result, ...rest } = await this.effects.perform(effect, call, readAt, by);
    if (result === 'refused') {
      this.log.debug({ dispute: id, effect, ...rest }, 'not now');
      return { afterMs: AGAIN_MS };
    }
    return { afterMs: result === 'unfunded' ? AGAIN_MS : SOON_MS };
  }

  /** Notes why a dispute of ours cannot be played, or that it can. */
  #trouble(id: Hex, reason?: string): void {
    if (reason === undefined) this.#troubles.delete(id);
    else this.#troubles.set(id, reason);
    const [first] = this.#troubles;
    this.vitals.set('disputes', first === undefined, first && `cannot move in ${first[0]}: ${first[1]}`);
  }

  #sideIn({ challenger, subject }: DisputeRecord): Side | undefined {
    if (isSame(challenger, this.game.me)) return 'challenger';
    const defendant = this.#known.defendants.get(keyOf(subject));
    return defendant !== undefined && isSame(defendant, this.game.me) ? 'operator' : undefined;
  }
}

const NO_DISPUTE = { outcome: 'moot' } as DisputeRecord;

/** A trace counts as the first move: whoever challenges later finds it there already. */
function plyOf({ trace, plies }: DisputeRecord): string {
  return String(plies.length + (trace === undefined ? 0 : 1));
}

function keyOf({ requestId, round, item }: Subject): string {
  return `${requestId}:${round}:${item}`;
}

function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
