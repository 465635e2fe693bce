import type { Chain } from '@openimo/chain';
import { type Address, zeroAddress } from 'viem';
import type { NodeConfig } from '../config/config.js';
import type { Effects } from '../effect/effects.js';
import type { EnrolmentService } from '../enrolment/enrolment.service.js';
import { type Logger, pause } from '@openimo/service';
import type { Protocol } from '../protocol/protocol.js';
import { placeOf } from '../request/turn-order.js';

/** Seconds an operator leaves to the one before it when several could pass on what waits for holders. */
const TURN_SECONDS = 3;

/** 0.01 ETH: a few times what the transaction costs on a busy day. */
const WORTHWHILE = 10n ** 16n;

/** Withdraws what the operator has earned, and passes on what waits for holders: a service to them that costs little. */
export class RevenueCollector {
  /** Since when (ms) something has been waiting to be passed on, by effect. */
  readonly #waitingSince = new Map<string, number>();

  constructor(
    private readonly config: Pick<NodeConfig, 'collectAbove' | 'flushAbove' | 'collectEverySeconds'>,
    private readonly chain: Pick<Chain, 'client' | 'isLocal'>,
    private readonly protocol: Protocol,
    private readonly enrolments: EnrolmentService,
    private readonly effects: Effects,
    private readonly log: Logger,
  ) {}

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await pause(this.config.collectEverySeconds * 1_000, signal);
      try {
        await this.#round(signal);
      } catch (error) {
        if (!signal.aborted) this.log.warn({ err: error }, 'cannot collect revenue; trying again');
      }
    }
  }

  /** Wei. Where gas costs nothing everything is worth a transaction. */
  get #worthwhile(): bigint {
    return this.chain.isLocal ? 0n : WORTHWHILE;
  }

  async #round(signal: AbortSignal): Promise<void> {
    const families = await this.#families();
    const assets = new Set<Address>([zeroAddress, ...[...families.values()].flat()]);
    for (const asset of assets) if (!signal.aborted) await this.#withdraw(asset);
    for (const [familyId, accepted] of families) {
      for (const asset of accepted) if (!signal.aborted) await this.#flush(familyId, asset);
    }
  }

  /** The families we serve, with the assets that pay for them. */
  async #families(): Promise<Map<bigint, readonly Address[]>> {
    const families = new Map<bigint, readonly Address[]>();
    for (const { versionId, state } of this.enrolments.list()) {
      if (state !== 'enrolled') continue;
      const { familyId } = await this.protocol.version(versionId);
      if (!families.has(familyId)) families.set(familyId, await this.protocol.assetsOf(familyId));
    }
    return families;
  }

  async #withdraw(asset: Address): Promise<void> {
    const blockNumber = await this.chain.client.getBlockNumber();
    const least = asset === zeroAddress ? (this.config.collectAbove ?? this.#worthwhile) : 0n;
    if ((await this.protocol.routerCredit(asset, { blockNumber })) > least) {
      await this.effects.perform(`withdraw:${asset}`, this.protocol.withdrawRevenue(asset), blockNumber);
    }
    if ((await this.protocol.oracleCredit(asset, { blockNumber })) > least) {
      await this.effects.perform(`withdraw-credit:${asset}`, this.protocol.withdrawOracleCredit(asset), blockNumber);
    }
    if ((await this.protocol.auditCredit(asset, { blockNumber })) > least) {
      await this.effects.perform(`withdraw-audits:${asset}`, this.protocol.withdrawAuditCredit(asset), blockNumber);
    }
  }

  async #flush(familyId: bigint, asset: Address): Promise<void> {
    const effect = `flush:${familyId}:${asset}`;
    const blockNumber = await this.chain.client.getBlockNumber();
    const pending = await this.protocol.holdersPending(familyId, asset, { blockNumber });
    const least = asset === zeroAddress ? (this.config.flushAbove ?? this.#worthwhile) : 0n;
    if (pending <= least || (await this.protocol.tokenOf(familyId)) === zeroAddress) {
      this.#waitingSince.delete(effect);
      return;
    }
    if (!(await this.#isOurTurn(effect, familyId))) return;
    await this.effects.perform(effect, this.protocol.flush(familyId, asset), blockNumber);
    this.#waitingSince.delete(effect);
  }

  async #isOurTurn(effect: string, familyId: bigint): Promise<boolean> {
    const version = this.enrolments.list().find(({ state }) => state === 'enrolled');
    if (version === undefined) return false;
    const operators = await this.protocol.enrolled(version.versionId);
    const place = placeOf(this.protocol.me, operators, familyId);
    const since = this.#waitingSince.get(effect) ?? Date.now();
    this.#waitingSince.set(effect, since);
    return Date.now() - since >= place * TURN_SECONDS * 1_000;
  }
}
