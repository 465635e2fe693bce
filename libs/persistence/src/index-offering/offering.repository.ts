import type { Address } from '@openimo/domain';
import type { DataSource } from 'typeorm';
import { classified } from '../database/database-error.js';
import { ReadTable } from '../query/read-table.js';
import { CommitmentEventEntity } from './commitment-event.entity.js';
import { CommitmentEntity } from './commitment.entity.js';
import { GrantEntity } from './grant.entity.js';
import { OfferingEntity } from './offering.entity.js';
import { OutcomeView } from './outcome.view.js';
import { TrancheEntity } from './tranche.entity.js';

export class OfferingRepository extends ReadTable<OfferingEntity> {
  constructor(dataSource: DataSource) {
    super(dataSource, OfferingEntity);
  }

  /** How much was committed when: the last total of each of `points` equal stretches between opening and close. */
  raiseCurves(offerings: readonly Address[], points: number): Promise<RaisePoint[]> {
    return classified(async () => {
      const rows = await this.dataSource.query<{ offering: Address; at: Date; committed: string }[]>(RAISE_CURVES, [
        offerings,
        points,
      ]);
      return rows.map(({ committed, ...row }) => ({ ...row, committed: BigInt(committed) }));
    });
  }
}

export interface RaisePoint {
  readonly offering: Address;
  readonly at: Date;
  /** Sum of all commitments then, in units of the sale's currency. */
  readonly committed: bigint;
}

const RAISE_CURVES = `
  select distinct on (offering, stretch) offering, at, offering_committed as committed
  from (
    select e.offering, e.at, e.offering_committed, e.block_number, e.log_index,
      floor($2 * extract(epoch from e.at - o.opens_at) / greatest(extract(epoch from o.closes_at - o.opens_at), 1)) as stretch
    from commitment_events e join offerings o on o.address = e.offering
    where e.offering = any($1)
  ) events
  order by offering, stretch, block_number desc, log_index desc`;

export class CommitmentRepository extends ReadTable<CommitmentEntity> {
  constructor(dataSource: DataSource) {
    super(dataSource, CommitmentEntity);
  }
}

/** What settlement gives buyers. */
export class OutcomeRepository extends ReadTable<OutcomeView> {
  constructor(dataSource: DataSource) {
    super(dataSource, OutcomeView);
  }
}

export class CommitmentEventRepository extends ReadTable<CommitmentEventEntity> {
  constructor(dataSource: DataSource) {
    super(dataSource, CommitmentEventEntity);
  }
}

export class TrancheRepository extends ReadTable<TrancheEntity> {
  constructor(dataSource: DataSource) {
    super(dataSource, TrancheEntity);
  }
}

export class GrantRepository extends ReadTable<GrantEntity> {
  constructor(dataSource: DataSource) {
    super(dataSource, GrantEntity);
  }
}
