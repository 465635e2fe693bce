import type { Address } from '@openimo/domain';
import type { DataSource } from 'typeorm';
import { classified } from '../database/database-error.js';
import { ReadTable } from '../query/read-table.js';
import { EnrolmentEntity } from './enrolment.entity.js';
import { OperatorEntity } from './operator.entity.js';
import { StakeEventEntity } from './stake-event.entity.js';

export class OperatorRepository extends ReadTable<OperatorEntity> {
  constructor(dataSource: DataSource) {
    super(dataSource, OperatorEntity);
  }

  /** What operators did in the last `days` days. @param now where the days end */
  records(operators: readonly Address[], days: number, now: Date): Promise<OperatorRecord[]> {
    return classified(async () => {
      const rows = await this.dataSource.query<Record<string, string>[]>(RECORDS, [operators, days, now]);
      return rows.map((row) => ({
        operator: row['operator'] as Address,
        days,
        answered: Number(row['answered']),
        missed: Number(row['missed']),
      }));
    });
  }
}

/** Answers given, and penalties for not answering when it was the operator's turn. */
export interface OperatorRecord {
  readonly operator: Address;
  readonly days: number;
  readonly answered: number;
  readonly missed: number;
}

const RECORDS = `
  select k.operator,
    (select count(*) from assertions a where a.operator = k.operator and a.at > span.start) as answered,
    (select count(*) from penalties p where p.operator = k.operator and p.at > span.start) as missed
  from unnest($1::text[]) as k(operator), (select $3::timestamptz - make_interval(days => $2::int) as start) as span`;

export class EnrolmentRepository extends ReadTable<EnrolmentEntity> {
  constructor(dataSource: DataSource) {
    super(dataSource, EnrolmentEntity);
  }
}

export class StakeEventRepository extends ReadTable<StakeEventEntity> {
  constructor(dataSource: DataSource) {
    super(dataSource, StakeEventEntity);
  }
}
