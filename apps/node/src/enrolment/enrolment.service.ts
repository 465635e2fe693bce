import type { Chain } from '@openimo/chain';
import type { NodeConfig } from '../config/config.js';
import type { Effect, Effects } from '../effect/effects.js';
import type { Vitals } from '../health/vitals.js';
import type { Logger } from '../log/logger.js';
import type { Protocol } from '../protocol/protocol.js';
import { Alarm } from '../shutdown/alarm.js';
import type { ModelCatalogue } from './model-catalogue.js';

export interface Enrolment {
  readonly versionId: bigint;
  /** `unserved`: enrolled, so it may be drawn, but unable to answer. */
  readonly state: 'enrolled' | 'enrolling' | 'waiting' | 'refused' | 'unserved';
  readonly reason?: string;
}

const LOOK_MS = 5_000;
const SOON_MS = 500;
/** How often an enrolment is looked at again that stands. */
const CONFIRM_MS = 60_000;

/** Keeps the operator registered with its stake, and enrolled for every version it may serve. */
export class EnrolmentService {
  readonly #alarm = new Alarm();
  /** Called when a version is enrolled: requests may be waiting for that. */
  onEnrolled: () => void = () => undefined;
  readonly #enrolments = new Map<bigint, Enrolment & { readonly lookAt: number }>();
  #staked = false;
  #looked = false;

  constructor(
    private readonly config: Pick<NodeConfig, 'stake' | 'endpoint' | 'versions'>,
    private readonly client: Chain['client'],
    private readonly protocol: Protocol,
    private readonly catalogue: ModelCatalogue,
    private readonly effects: Effects,
    private readonly vitals: Vitals,
    private readonly log: Logger,
  ) {}

  /** Registered, and every version there was has been looked at. */
  get settled(): boolean {
    return this.#staked && this.#looked;
  }

  list(): Enrolment[] {
    return [...this.#enrolments.values()].map(({ versionId, state, reason }) => ({ versionId, state, reason }));
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
    const { stake, exiting } = await this.protocol.operator({ blockNumber });
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
      effect = await this.effects.perform('add-stake', this.protocol.addStake(missing), blockNumber);
    }
    if (effect.result === 'refused') this.vitals.set('stake', false, effect.reason);
    if (effect.result === 'unfunded') this.vitals.set('stake', false, 'the account cannot pay for its stake');
    return false;
  }

  /** @returns whether nothing is on its way */
  async #enrolAll(signal: AbortSignal): Promise<boolean> {
    for (let versionId = 1n; versionId <= (await this.protocol.versionCount()); versionId++) {
      if (signal.aborted) return false;
      if (!this.isServed(versionId)) continue;
      const known = this.#enrolments.get(versionId);
      if (known && known.lookAt > Date.now()) continue;
      this.#note(await this.#enrol(versionId));
    }
    const enrolments = [...this.#enrolments.values()];
    const unserved = enrolments.filter(({ state }) => state === 'unserved').map(({ versionId }) => versionId);
    this.vitals.set('models', unserved.length === 0, `cannot serve version ${unserved.join(', ')} it is enrolled for`);
    return enrolments.every(({ state }) => state !== 'enrolling');
  }

  async #enrol(versionId: bigint): Promise<Enrolment> {
    const blockNumber = await this.client.getBlockNumber();
    const version = await this.protocol.version(versionId);
    const enrolled = await this.protocol.isEnrolled(versionId, { blockNumber });
    const verdict = await this.catalogue.verdict(version);
    if (!verdict.fit) {
      return {
        versionId,
        state: enrolled ? 'unserved' : verdict.final ? 'refused' : 'waiting',
        reason: verdict.reason,
      };
    }
    if (enrolled) return { versionId, state: 'enrolled' };
    const effect = await this.effects.perform(`enrol:${versionId}`, this.protocol.enrol(versionId), blockNumber);
    if (effect.result === 'refused') return { versionId, state: 'waiting', reason: effect.reason };
    if (effect.result === 'unfunded') return { versionId, state: 'waiting', reason: 'out of funds' };
    return { versionId, state: 'enrolling' };
  }

  #note(enrolment: Enrolment): void {
    const { versionId, state, reason } = enrolment;
    const before = this.#enrolments.get(versionId);
    const lookAgainMs = { enrolled: CONFIRM_MS, refused: Infinity, waiting: LOOK_MS, unserved: LOOK_MS, enrolling: 0 };
    const lookAt = lookAgainMs[state] + Date.now();
    this.#enrolments.set(versionId, { ...enrolment, lookAt });
    if (before?.state === state && before.reason === reason) return;
    if (state === 'refused' || state === 'unserved') this.log.error({ versionId, reason }, `version ${state}`);
    else this.log.info({ versionId, reason }, `version ${state}`);
    if (state === 'enrolled') this.onEnrolled();
  }
}

function isRefusedFor(effect: Effect, reason: string): boolean {
  return effect.result === 'refused' && effect.reason.endsWith(reason);
}
