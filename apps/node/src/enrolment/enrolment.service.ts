import type { Chain } from '@openimo/chain';
import type { JobRepository } from '@openimo/persistence';
import type { NodeConfig } from '../config/config.js';
import type { Effect, Effects } from '../effect/effects.js';
import { Alarm, type Logger, pause, type Vitals } from '@openimo/service';
import type { Protocol, VersionFacts } from '../protocol/protocol.js';
import { type Candidate, MOST_ENROLMENTS, planEnrolments } from './enrolment-plan.js';
import type { ModelCatalogue, Verdict } from './model-catalogue.js';

export interface Enrolment {
  readonly versionId: bigint;
  /** `unserved`: enrolled, so it may be drawn, but unable to answer. */
  readonly state: 'enrolled' | 'enrolling' | 'waiting' | 'refused' | 'unserved';
  readonly reason?: string;
}

type Standing = Omit<Enrolment, 'versionId'>;

/** What we saw of a version, and in which block. */
interface Look {
  readonly versionId: bigint;
  readonly blockNumber: bigint;
  readonly publishedAt: number;
  readonly enrolled: boolean;
  readonly verdict: Verdict;
  /** When to look again; ms since 1970. */
  lookAt: number;
}

const NO_ROOM = `${MOST_ENROLMENTS} versions are enrolled, and none of them can be left for this one`;
const LOOK_MS = 5_000;
/** How long looks that are in hand are waited for before those that came to an end are acted on. */
const TOGETHER_MS = 250;
/** A file that takes longer holds up nobody, also at the start. */
const PATIENCE_MS = 30_000;
const SOON_MS = 500;
/** How often an enrolment is looked at again that stands. */
const CONFIRM_MS = 60_000;

/** Keeps the operator registered with its stake, and enrolled for every version it may serve. */
export class EnrolmentService {
  readonly #alarm = new Alarm();
  /** Called when a version is enrolled: requests may be waiting for that. */
  onEnrolled: () => void = () => undefined;
  readonly #looks = new Map<bigint, Look>();
  /** In hand: when they began, ms since 1970, and what ends with them. They never fail. */
  readonly #looking = new Map<bigint, { readonly since: number; readonly done: Promise<void> }>();
  /** Ended, and not acted on. */
  #fresh: Look[] = [];
  #gathering = false;
  readonly #enrolments = new Map<bigint, Enrolment>();
  #staked = false;
  #looked = false;

  constructor(
    private readonly config: Pick<NodeConfig, 'stake' | 'endpoint' | 'versions'>,
    private readonly client: Chain['client'],
    private readonly protocol: Protocol,
    private readonly catalogue: ModelCatalogue,
    private readonly effects: Effects,
    private readonly jobs: Pick<JobRepository, 'activityByVersion'>,
    private readonly vitals: Vitals,
    private readonly log: Logger,
  ) {}

  /** Registered, and every version there was has been looked at, but for those that take long. */
  get settled(): boolean {
    return this.#staked && this.#looked;
  }

  list(): Enrolment[] {
    return [...this.#enrolments.values()].sort((a, b) => (a.versionId < b.versionId ? -1 : 1));
  }

  isServed(versionId: bigint): boolean {
    return this.config.versions === 'all' || this.config.versions.includes(versionId);
  }

  /** A version was published. */
  wake(): void {
    this.#alarm.ring();
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      let waitMs = LOOK_MS;
      try {
        this.#staked ||= await this.#stake();
        if (this.#staked) this.#looked = await this.#enrolAll(signal);
        if (!this.settled) waitMs = SOON_MS;
      } catch (error) {
        if (signal.aborted) return;
        this.log.warn({ err: error }, 'cannot look after stake and enrolments; trying again');
        waitMs = 1_000;
      }
      await this.#alarm.wait(waitMs, signal);
    }
  }

  /** @returns whether the stake is what it should be */
  async #stake(): Promise<boolean> {
    const blockNumber = await this.client.getBlockNumber();
    const { stake, exiting, enrolments } = await this.protocol.operator({ blockNumber });
    const missing = this.config.stake - (stake - exiting);
    if (missing <= 0n) {
      this.vitals.set('stake', true);
      this.log.info({ stake }, 'registered');
      return true;
    }
    this.vitals.set('stake', false, `${missing} wei of stake are on their way`);
    let effect =
      stake === 0n
        ? await this.effects.perform('register', this.protocol.register(this.config.endpoint, missing), blockNumber)
        : undefined;
    if (effect === undefined || isRefusedFor(effect, 'AlreadyRegistered')) {
      effect = await this.effects.perform('add-stake', this.protocol.addStake(missing, enrolments), blockNumber);
    }
    if (effect.result === 'refused') this.vitals.set('stake', false, effect.reason);
    if (effect.result === 'unfunded') this.vitals.set('stake', false, 'the account cannot pay for its stake');
    return false;
  }

  /** @returns whether nothing is on its way */
  async #enrolAll(signal: AbortSignal): Promise<boolean> {
    await this.#startLooks(signal);
    if (signal.aborted) return false;
    const due: Look[] = [];
    const fresh = this.#fresh;
    this.#fresh = [];
    for (const look of fresh) {
      // Should what follows fail.
      look.lookAt = 0;
      if (look.verdict.fit && !look.enrolled) due.push(look);
      else this.#note(look, settledState(look));
    }
    if (due.length > 0) await this.#place(due);
    this.#tellUnserved();
    const isPatient = [...this.#looking.values()].some(({ since }) => Date.now() - since < PATIENCE_MS);
    return (
      !isPatient &&
      this.#fresh.length === 0 &&
      [...this.#enrolments.values()].every(({ state }) => state !== 'enrolling')
    );
  }

  /** Begins to look at every version that is due. What takes minutes or hangs holds up no other. */
  async #startLooks(signal: AbortSignal): Promise<void> {
    const count = await this.protocol.versionCount();
    for (let versionId = 1n; versionId <= count && !signal.aborted; versionId++) {
      if (!this.isServed(versionId) || this.#looking.has(versionId)) continue;
      const known = this.#looks.get(versionId);
      if (known && known.lookAt > Date.now()) continue;
      const version = await this.protocol.version(versionId);
      const urgent = known?.enrolled ?? (await this.protocol.isEnrolled(versionId, {}));
      this.#looking.set(versionId, { since: Date.now(), done: this.#look(version, urgent) });
    }
    const all = Promise.all([...this.#looking.values()].map(({ done }) => done));
    this.#gathering = true;
    await Promise.race([all, pause(TOGETHER_MS, signal)]);
    this.#gathering = false;
  }

  async #look(version: VersionFacts, urgent: boolean): Promise<void> {
    const { versionId, publishedAt } = version;
    try {
      const verdict = await this.catalogue.verdict(version, { urgent });
      // Read after a look that may have taken minutes.
      const blockNumber = await this.client.getBlockNumber();
      const enrolled = await this.protocol.isEnrolled(versionId, { blockNumber });
      const look = { versionId, blockNumber, publishedAt, enrolled, verdict, lookAt: Infinity };
      this.#looks.set(versionId, look);
      this.#fresh.push(look);
      if (!this.#gathering) this.#alarm.ring();
    } catch (err) {
      this.log.warn({ versionId, err }, 'cannot look at a version; trying again');
    } finally {
      this.#looking.delete(versionId);
    }
  }

  /** One model of many that anybody may publish is no reason not to be ready; to be able to serve none is. */
  #tellUnserved(): void {
    const all = [...this.#enrolments.values()];
    const unserved = all.filter(({ state }) => state === 'unserved');
    const idle = unserved.length > 0 && !all.some(({ state }) => state === 'enrolled');
    this.vitals.set('models', !idle, 'cannot serve any of the versions it is enrolled for; /status has the reasons');
    this.vitals.warn(
      'models',
      unserved.map(({ versionId, reason }) => `cannot serve version ${versionId} it is enrolled for: ${reason}`),
    );
  }

  /** Enrols for those of `due` that there is room for, and leaves others that have been idle for longer than they. */
  async #place(due: readonly Look[]): Promise<void> {
    const { number: blockNumber, timestamp } = await this.client.getBlock({ blockTag: 'latest' });
    const { enrolments } = await this.protocol.operator({ blockNumber });
    const plan = planEnrolments(await this.#candidates(enrolments), enrolments, {
      mayLeave: this.config.versions === 'all',
      now: Number(timestamp),
    });
    let left: Effect | undefined;
    for (const versionId of plan.leave) left = await this.#leave(versionId, enrolments);
    for (const look of due) {
      if (plan.enrol.includes(look.versionId))
        this.#note(look, await this.#enrol(look, enrolments + plan.enrol.length));
      else if (plan.wait.includes(look.versionId)) this.#note(look, { state: 'waiting', reason: NO_ROOM });
      else this.#note(look, afterEffect(left, 'room is being made'));
    }
  }

  async #candidates(enrolments: number): Promise<Candidate[]> {
    const looks = [...this.#looks.values()];
    const wanted = looks.filter(({ enrolled, verdict }) => verdict.fit && !enrolled).length;
    // Who asked what decides only where there is not room for all.
    const activity = enrolments + wanted > MOST_ENROLMENTS ? await this.jobs.activityByVersion() : undefined;
    const { requestDeadline } = this.protocol.deployment.parameters.oracle;
    return looks.map(({ versionId, enrolled, verdict, publishedAt }) => {
      const { lastDeadline, busy = false } = activity?.get(versionId) ?? {};
      const lastRequestAt = lastDeadline && lastDeadline.getTime() / 1_000 - requestDeadline;
      return { versionId, enrolled, fit: verdict.fit, publishedAt, lastRequestAt, busy };
    });
  }

  async #enrol({ versionId, blockNumber, verdict }: Look, enrolments: number): Promise<Standing> {
    const call = this.protocol.enrol(versionId, enrolments, verdict.fit ? verdict.modelRoot : undefined);
    return afterEffect(await this.effects.perform(`enrol:${versionId}`, call, blockNumber));
  }

  async #leave(versionId: bigint, enrolments: number): Promise<Effect> {
    const look = this.#looks.get(versionId)!;
    look.lookAt = 0;
    const call = this.protocol.withdrawFrom(versionId, enrolments);
    const effect = await this.effects.perform(`leave:${versionId}`, call, look.blockNumber);
    if (effect.result === 'sent') this.log.info({ versionId }, 'version left, to make room for a more recent one');
    return effect;
  }

  #note(look: Look, { state, reason }: Standing): void {
    const { versionId } = look;
    const before = this.#enrolments.get(versionId);
    const lookAgainMs = { enrolled: CONFIRM_MS, refused: Infinity, waiting: LOOK_MS, unserved: LOOK_MS, enrolling: 0 };
    look.lookAt = lookAgainMs[state] + Date.now();
    this.#enrolments.set(versionId, { versionId, state, reason });
    if (before?.state === state && before.reason === reason) return;
    if (state === 'refused' || state === 'unserved') this.log.error({ versionId, reason }, `version ${state}`);
    else this.log.info({ versionId, reason }, `version ${state}`);
    if (state === 'enrolled') this.onEnrolled();
  }
}

/** Of a version that there is nothing to do for. */
function settledState({ enrolled, verdict }: Look): Standing {
  if (verdict.fit) return { state: 'enrolled' };
  return { state: enrolled ? 'unserved' : verdict.final ? 'refused' : 'waiting', reason: verdict.reason };
}

function afterEffect(effect: Effect | undefined, underWay?: string): Standing {
  if (effect?.result === 'refused') return { state: 'waiting', reason: effect.reason };
  if (effect?.result === 'unfunded') return { state: 'waiting', reason: 'out of funds' };
  return { state: 'enrolling', reason: underWay };
}

function isRefusedFor(effect: Effect, reason: string): boolean {
  return effect.result === 'refused' && effect.reason.endsWith(reason);
}
