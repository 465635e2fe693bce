import { Injectable } from '@nestjs/common';
import type { Address } from '@openimo/domain';
import {
  type CommitmentEntity,
  CommitmentRepository,
  type GrantEntity,
  GrantRepository,
  type OfferingEntity,
  OfferingRepository,
  OutcomeRepository,
  type RaisePoint,
  type TrancheEntity,
  TrancheRepository,
} from '@openimo/persistence';
import type { Connection } from '../graphql/connection.js';
import type { Loaders } from '../graphql/loaders.js';
import { readMany, readOne, readPage, readPageOf, readPair } from '../graphql/read.js';
import { MetaService } from '../meta/meta.service.js';
import {
  type Commitment,
  type CommitmentList,
  type Offering,
  type OfferingList,
  OfferingPhase,
  type OfferingProgress,
  OfferingStatus,
  type Outcome,
} from './offering.types.js';

const CURVE_POINTS = 200;
const WHOLE_TOKEN = 10n ** 18n;

/** What a row and its GraphQL type have in common. */
type Sale = Pick<Offering, 'committed' | 'softCap' | 'hardCap' | 'offered' | 'opensAt' | 'closesAt'> & {
  readonly status: string;
};

@Injectable()
export class OfferingService {
  constructor(
    private readonly offerings: OfferingRepository,
    private readonly commitments: CommitmentRepository,
    private readonly outcomes: OutcomeRepository,
    private readonly tranches: TrancheRepository,
    private readonly grants: GrantRepository,
    private readonly meta: MetaService,
  ) {}

  list(list: OfferingList): Promise<Connection<OfferingEntity>> {
    return readPage(this.offerings, list);
  }

  ofFamily(familyId: bigint, list: OfferingList, loaders: Loaders): Promise<Connection<OfferingEntity>> {
    return readPageOf(this.offerings, 'familyId', familyId, list, loaders);
  }

  byAddress(address: Address, loaders: Loaders): Promise<OfferingEntity | null> {
    return readOne(this.offerings, 'address', address, loaders);
  }

  async progressOf(offering: Sale, loaders: Loaders): Promise<OfferingProgress> {
    const { committed, softCap, hardCap, offered } = offering;
    const bpsOf = (cap: bigint) => (cap === 0n ? 10_000n : (committed * 10_000n) / cap);
    const tokenPrice = offered === 0n ? 0n : (hardCap * WHOLE_TOKEN + offered - 1n) / offered;
    const phase = phaseAt(offering, await this.meta.now(loaders));
    return { phase, softCapBps: bpsOf(softCap), hardCapBps: bpsOf(hardCap), tokenPrice };
  }

  raiseCurveOf(offering: Address, loaders: Loaders): Promise<readonly RaisePoint[]> {
    const fetch = (addresses: readonly Address[]) => this.offerings.raiseCurves(addresses, CURVE_POINTS);
    return loaders.many('raise curve', fetch, (point: RaisePoint) => point.offering).load(offering);
  }

  tranchesOf(offering: Address, loaders: Loaders): Promise<readonly TrancheEntity[]> {
    return readMany(this.tranches, 'offering', offering, loaders);
  }

  grantsOf(offering: Address, loaders: Loaders): Promise<readonly GrantEntity[]> {
    return readMany(this.grants, 'offering', offering, loaders);
  }

  grantsTo(beneficiary: Address, loaders: Loaders): Promise<readonly GrantEntity[]> {
    return readMany(this.grants, 'beneficiary', beneficiary, loaders);
  }

  commitmentsTo(offering: Address, list: CommitmentList, loaders: Loaders): Promise<Connection<CommitmentEntity>> {
    return readPageOf(this.commitments, 'offering', offering, list, loaders);
  }

  commitmentsBy(buyer: Address, list: CommitmentList, loaders: Loaders): Promise<Connection<CommitmentEntity>> {
    return readPageOf(this.commitments, 'buyer', buyer, list, loaders);
  }

  async commitmentBy(offering: Address, buyer: Address, loaders: Loaders): Promise<CommitmentEntity | null> {
    const [found] = await readPair(this.commitments, ['offering', 'buyer'], [offering, buyer], loaders);
    return found ?? null;
  }

  async outcomeOf({ offering, buyer, refunded, claimed }: Commitment, loaders: Loaders): Promise<Outcome> {
    const [[outcome], sale] = await Promise.all([
      readPair(this.outcomes, ['offering', 'buyer'], [offering, buyer], loaders),
      this.byAddress(offering, loaders),
    ]);
    const { accepted, refund, tokens } = outcome!;
    const isOver = sale!.status !== OfferingStatus.SELLING;
    return {
      ...{ accepted, refund, tokens },
      refundOwed: isOver ? refund - refunded : 0n,
      tokensClaimable: isOver && !claimed ? tokens : 0n,
    };
  }
}

function phaseAt({ status, opensAt, closesAt }: Sale, now: Date): OfferingPhase {
  if (status === OfferingStatus.SETTLED) return OfferingPhase.SETTLED;
  if (status === OfferingStatus.REFUNDING) return OfferingPhase.REFUNDING;
  if (now < opensAt) return OfferingPhase.SCHEDULED;
  return now < closesAt ? OfferingPhase.OPEN : OfferingPhase.CLOSED;
}
