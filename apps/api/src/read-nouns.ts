import { AccountModule } from './account/account.module.js';
import { AuditModule } from './audit/audit.module.js';
import { DashboardModule } from './dashboard/dashboard.module.js';
import { DisputeModule } from './dispute/dispute.module.js';
import type { EventErrorCode } from './event/event.errors.js';
import { EventModule } from './event/event.module.js';
import { FamilyModule } from './family/family.module.js';
import { MetaModule } from './meta/meta.module.js';
import { OfferingModule } from './offering/offering.module.js';
import type { OperatorErrorCode } from './operator/operator.errors.js';
import { OperatorModule } from './operator/operator.module.js';
import { RequestModule } from './request/request.module.js';
import type { RevenueErrorCode } from './revenue/revenue.errors.js';
import { RevenueModule } from './revenue/revenue.module.js';
import { TokenModule } from './token/token.module.js';
import type { TransactionErrorCode } from './transaction/transaction.errors.js';
import { TransactionModule } from './transaction/transaction.module.js';
import { VersionModule } from './version/version.module.js';

/** What can be read by anybody. */
export const READ_NOUNS = [
  AccountModule,
  AuditModule,
  DashboardModule,
  DisputeModule,
  EventModule,
  FamilyModule,
  MetaModule,
  OfferingModule,
  OperatorModule,
  RequestModule,
  RevenueModule,
  TokenModule,
  TransactionModule,
  VersionModule,
] as const;

export type ReadErrorCode = EventErrorCode | OperatorErrorCode | RevenueErrorCode | TransactionErrorCode;
