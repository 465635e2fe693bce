import { Injectable } from '@nestjs/common';
import { type Address, DomainError } from '@openimo/domain';
import {
  type EnrolmentEntity,
  EnrolmentRepository,
  type OperatorEntity,
  type OperatorRecord,
  OperatorRepository,
  type StakeEventEntity,
  StakeEventRepository,
} from '@openimo/persistence';
import type { Connection } from '../graphql/connection.js';
import type { Loaders } from '../graphql/loaders.js';
import { readMany, readOne, readPage, readPageOf } from '../graphql/read.js';
import { MetaService } from '../meta/meta.service.js';
import type { OperatorErrorCode } from './operator.errors.js';
import type { OperatorList, StakeEventList, Uptime } from './operator.types.js';

const MOST_DAYS = 365;

@Injectable()
export class OperatorService {
  constructor(
    private readonly operators: OperatorRepository,
    private readonly enrolments: EnrolmentRepository,
    private readonly stakeEvents: StakeEventRepository,
    private readonly meta: MetaService,
  ) {}

  list(list: OperatorList): Promise<Connection<OperatorEntity>> {
    return readPage(this.operators, list);
  }

  byAddress(address: Address, loaders: Loaders): Promise<OperatorEntity | null> {
    return readOne(this.operators, 'address', address, loaders);
  }

  enrolmentsOf(operator: Address, loaders: Loaders): Promise<readonly EnrolmentEntity[]> {
    return readMany(this.enrolments, 'operator', operator, loaders);
  }

  /** Those who serve it now. */
  async enrolledFor(versionId: bigint, loaders: Loaders): Promise<EnrolmentEntity[]> {
    const all = await readMany(this.enrolments, 'versionId', versionId, loaders);
    return all.filter(({ leftAt }) => leftAt === null);
  }

  stakeEventsOf(operator: Address, list: StakeEventList, loaders: Loaders): Promise<Connection<StakeEventEntity>> {
    return readPageOf(this.stakeEvents, 'operator', operator, list, loaders);
  }

  async uptimeOf(operator: Address, days: number, loaders: Loaders): Promise<Uptime> {
    if (days < 1 || days > MOST_DAYS) {
      throw new DomainError<OperatorErrorCode>('DaysOutOfRange', `days is ${days}; ask for 1 to ${MOST_DAYS}.`);
    }
    const now = await this.meta.now(loaders);
    const fetch = (addresses: readonly Address[]) => this.operators.records(addresses, days, now);
    const record = await loaders.one(`uptime ${days}`, fetch, (row: OperatorRecord) => row.operator).load(operator);
    const { answered, missed } = record!;
    const all = answered + missed;
    return { days, answered, missed, uptimeBps: all === 0 ? null : Math.floor((answered * 10_000) / all) };
  }
}
