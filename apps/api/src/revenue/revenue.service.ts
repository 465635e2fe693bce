import { Injectable } from '@nestjs/common';
import { type Address, DomainError } from '@openimo/domain';
import {
  ALL_TOKENS,
  type FeePoint,
  FeeRepository,
  type OrganicRevenue,
  type RealisedYield,
  type RevenuePoint,
  RevenueRepository,
  type SeriesQuery,
} from '@openimo/persistence';
import type { Loaders } from '../graphql/loaders.js';
import { MetaService } from '../meta/meta.service.js';
import type { RevenueErrorCode } from './revenue.errors.js';
import { RevenueInterval, type SeriesArguments } from './revenue.types.js';

const HOUR_MS = 3_600_000;
const STEP_MS = { [RevenueInterval.HOUR]: HOUR_MS, [RevenueInterval.DAY]: 24 * HOUR_MS } as const;
const DEFAULT_STEPS = { [RevenueInterval.HOUR]: 48, [RevenueInterval.DAY]: 30 } as const;
const MOST_STEPS = 1_000;
const YIELD_DAYS = [7, 30, 90];
/** Stands for all families together. */
const ALL_FAMILIES = 0n;

@Injectable()
export class RevenueService {
  constructor(
    private readonly revenue: RevenueRepository,
    private readonly fees: FeeRepository,
    private readonly meta: MetaService,
  ) {}

  /** @param token all tokens together if not given */
  async series(series: SeriesArguments, loaders: Loaders, token = ALL_TOKENS): Promise<readonly RevenuePoint[]> {
    const query = await this.#query(series, loaders);
    const fetch = (tokens: readonly Address[]) => this.revenue.series(tokens, query);
    return loaders.many(`revenue ${JSON.stringify(query)}`, fetch, (point: RevenuePoint) => point.token).load(token);
  }

  /** @param familyId all families together if not given */
  async feeSeries(series: SeriesArguments, loaders: Loaders, familyId = ALL_FAMILIES): Promise<readonly FeePoint[]> {
    const query = await this.#query(series, loaders);
    const fetch = (ids: readonly bigint[]) => this.fees.series(ids, query);
    return loaders.many(`fees ${JSON.stringify(query)}`, fetch, (point: FeePoint) => point.familyId).load(familyId);
  }

  async realisedYieldsOf(token: Address, loaders: Loaders): Promise<readonly RealisedYield[]> {
    const now = await this.meta.now(loaders);
    const fetch = (tokens: readonly Address[]) => this.revenue.realisedYields(tokens, YIELD_DAYS, now);
    return loaders.many('realised yields', fetch, (row: RealisedYield) => row.token).load(token);
  }

  async organicRevenueOf(familyId: bigint, days: number, loaders: Loaders): Promise<readonly OrganicRevenue[]> {
    if (days < 1 || days > MOST_STEPS) throw outOfRange(`days is ${days}; ask for 1 to ${MOST_STEPS}.`);
    const now = await this.meta.now(loaders);
    const fetch = (ids: readonly bigint[]) => this.fees.organicRevenues(ids, days, now);
    return loaders.many(`organic ${days}`, fetch, (row: OrganicRevenue) => row.familyId).load(familyId);
  }

  async #query({ asset, interval, from, to }: SeriesArguments, loaders: Loaders): Promise<SeriesQuery> {
    const end = to ?? (await this.meta.now(loaders));
    const step = STEP_MS[interval];
    const start = from ?? new Date(end.getTime() - step * DEFAULT_STEPS[interval]);
    const steps = (end.getTime() - start.getTime()) / step;
    if (steps < 0) throw outOfRange('`from` is after `to`; swap them.');
    if (steps > MOST_STEPS) {
      throw outOfRange(
        `That is ${Math.ceil(steps)} points; ask for at most ${MOST_STEPS}, or for days instead of hours.`,
      );
    }
    return { asset, interval, from: start, to: end };
  }
}

function outOfRange(message: string): DomainError<RevenueErrorCode> {
  return new DomainError('RangeInvalid', message);
}
