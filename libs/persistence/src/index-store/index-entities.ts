import { BlockEntity } from '../index-chain/block.entity.js';
import { IndexStateEntity } from '../index-chain/index-state.entity.js';
import { IndexUndoEntity } from '../index-chain/index-undo.entity.js';
import { OutboxEntity } from '../index-chain/outbox.entity.js';
import { RawLogEntity } from '../index-chain/raw-log.entity.js';
import { AuditRunEntity } from '../index-audit/audit-run.entity.js';
import { AuditEntity } from '../index-audit/audit.entity.js';
import { DisputeMoveEntity } from '../index-dispute/dispute-move.entity.js';
import { DisputeEntity } from '../index-dispute/dispute.entity.js';
import { DocketEntryEntity } from '../index-dispute/docket-entry.entity.js';
import { TraceEntity } from '../index-dispute/trace.entity.js';
import { FamilyEntity } from '../index-model/family.entity.js';
import { LineagePartyEntity } from '../index-model/lineage-party.entity.js';
import { PriceCountEntity } from '../index-model/price-count.entity.js';
import { PriceEntity } from '../index-model/price.entity.js';
import { VersionEntity } from '../index-model/version.entity.js';
import { CommitmentEventEntity } from '../index-offering/commitment-event.entity.js';
import { CommitmentEntity } from '../index-offering/commitment.entity.js';
import { ExitEntity } from '../index-offering/exit.entity.js';
import { GrantEntity } from '../index-offering/grant.entity.js';
import { OfferingEntity } from '../index-offering/offering.entity.js';
import { RefundEntity } from '../index-offering/refund.entity.js';
import { TrancheEntity } from '../index-offering/tranche.entity.js';
import { EnrolmentEntity } from '../index-operator/enrolment.entity.js';
import { OperatorEntity } from '../index-operator/operator.entity.js';
import { StakeEventEntity } from '../index-operator/stake-event.entity.js';
import { AssertionEntity } from '../index-oracle/assertion.entity.js';
import { CallbackEntity } from '../index-oracle/callback.entity.js';
import { PenaltyEntity } from '../index-oracle/penalty.entity.js';
import { RequestInputEntity } from '../index-oracle/request-input.entity.js';
import { RequestEntity } from '../index-oracle/request.entity.js';
import { CreditEntity } from '../index-router/credit.entity.js';
import { DistributionEntity } from '../index-router/distribution.entity.js';
import { FamilyCreditEntity } from '../index-router/family-credit.entity.js';
import { FeesByDayEntity, FeesByHourEntity } from '../index-router/fee-bucket.entity.js';
import { LineagePaymentEntity } from '../index-router/lineage-payment.entity.js';
import { PayerFeesByDayEntity } from '../index-router/payer-fees.entity.js';
import { WithdrawalEntity } from '../index-router/withdrawal.entity.js';
import { ClaimEntity } from '../index-token/claim.entity.js';
import { HolderRevenueEntity } from '../index-token/holder-revenue.entity.js';
import { HolderEntity } from '../index-token/holder.entity.js';
import { HoldingEntity } from '../index-token/holding.entity.js';
import { MarkEntity } from '../index-token/mark.entity.js';
import { RedemptionEntity } from '../index-token/redemption.entity.js';
import { RevenueByDayEntity, RevenueByHourEntity } from '../index-token/revenue-bucket.entity.js';
import { RevenueEventEntity } from '../index-token/revenue-event.entity.js';
import { TokenEntity } from '../index-token/token.entity.js';

/** Changed by later events; a rollback puts the row back as it was. */
export const STATE_ENTITIES = [
  FamilyEntity,
  LineagePartyEntity,
  VersionEntity,
  PriceEntity,
  PriceCountEntity,
  OfferingEntity,
  TrancheEntity,
  CommitmentEntity,
  GrantEntity,
  TokenEntity,
  HolderEntity,
  HoldingEntity,
  HolderRevenueEntity,
  RevenueByHourEntity,
  RevenueByDayEntity,
  MarkEntity,
  RequestEntity,
  AssertionEntity,
  DisputeEntity,
  DocketEntryEntity,
  TraceEntity,
  AuditEntity,
  AuditRunEntity,
  OperatorEntity,
  EnrolmentEntity,
  CreditEntity,
  FamilyCreditEntity,
  FeesByHourEntity,
  FeesByDayEntity,
  PayerFeesByDayEntity,
] as const;

/** One row per event (`EventRow`), written once. */
export const EVENT_ENTITIES = [
  CommitmentEventEntity,
  RefundEntity,
  ExitEntity,
  RevenueEventEntity,
  ClaimEntity,
  RedemptionEntity,
  RequestInputEntity,
  CallbackEntity,
  PenaltyEntity,
  DisputeMoveEntity,
  StakeEventEntity,
  DistributionEntity,
  LineagePaymentEntity,
  WithdrawalEntity,
] as const;

/** What projections write. All of it follows from the chain alone. */
export const READ_MODEL_ENTITIES = [...STATE_ENTITIES, ...EVENT_ENTITIES] as const;

export const INDEX_ENTITIES = [
  IndexStateEntity,
  BlockEntity,
  RawLogEntity,
  IndexUndoEntity,
  OutboxEntity,
  ...READ_MODEL_ENTITIES,
] as const;
