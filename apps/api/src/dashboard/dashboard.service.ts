import { Injectable } from '@nestjs/common';
import { type Address, DomainError } from '@openimo/domain';
import { DashboardRepository, type DashboardRow } from '@openimo/persistence';
import type { RevenueErrorCode } from '../revenue/revenue.errors.js';

const MOST_DAYS = 366;

@Injectable()
export class DashboardService {
  constructor(private readonly dashboards: DashboardRepository) {}

  read(account: Address, days: number): Promise<DashboardRow> {
    if (days < 1 || days > MOST_DAYS) {
      throw new DomainError<RevenueErrorCode>('RangeInvalid', `days is ${days}; ask for 1 to ${MOST_DAYS}.`);
    }
    return this.dashboards.read(account, days);
  }
}
