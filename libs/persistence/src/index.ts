export { ChainCursorRepository, rememberGenesis, type Checkpoint } from './chain/chain-cursor.repository.js';
export { toDatabaseError, type DatabaseErrorCode } from './database/database-error.js';
export { inTransaction, openDatabase, type OpenDatabaseOptions } from './database/open-database.js';
export { revertLastMigration, runMigrations } from './database/run-migrations.js';
export { withRetry, type RetryOptions } from './database/with-retry.js';
export {
  startEmbeddedPostgres,
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
} from './embedded/embedded-postgres.js';
export {
  spawnEmbeddedPostgres,
  type EmbeddedPostgresProcess,
  type SpawnEmbeddedPostgresOptions,
} from './embedded/spawn-embedded-postgres.js';
export { GameEventRepository, type GameEventRow } from './dispute/game-event.repository.js';
export type { GrievanceStatus } from './dispute/grievance.entity.js';
export { GrievanceRepository, type GrievanceRow, type NewGrievance } from './dispute/grievance.repository.js';
export { JOB_STATUSES, JOB_TRANSITIONS, type JobStatus } from './job/job-status.js';
export type { JobFailure } from './job/job.entity.js';
export {
  JobRepository,
  NEVER,
  type Job,
  type JobPatch,
  type JobRepositoryErrorCode,
  type NewJob,
  type VersionActivity,
} from './job/job.repository.js';
export {
  TransactionRepository,
  type NewTransaction,
  type TransactionPatch,
  type TransactionRepositoryErrorCode,
  type TransactionRow,
} from './transaction/transaction.repository.js';
export type { TransactionFailure, TransactionStatus } from './transaction/transaction.entity.js';
export type { WatchStatus, WatchTrouble } from './watch/watched-answer.entity.js';
export {
  WatchedAnswerRepository,
  type NewWatchedAnswer,
  type Verdict,
  type WatchBacklog,
  type WatchedAnswer,
} from './watch/watched-answer.repository.js';
export * from './query/reads.js';
export { IndexStatusRepository } from './index-chain/index-status.repository.js';
export { OutboxRepository, type OutboxRow } from './index-chain/outbox.repository.js';
export {
  IndexRepository,
  type Block,
  type Finality,
  type IndexCommit,
  type IndexIdentity,
  type IndexRepositoryErrorCode,
  type IndexState,
  type News,
  type RawLog,
} from './index-store/index.repository.js';
export { ReadModelTables } from './index-store/read-model-tables.js';
export { RowTable, type EntityClass } from './index-store/row-table.js';
export { UndoRecord } from './index-store/undo.js';
export * from './index-store/index-entities.js';
export * from './index-store/read-model.js';
export { SessionRepository, type NewSession, type Session } from './session/session.repository.js';
export { ApiKeyRepository, type ApiKey, type Budget, type NewApiKey } from './api-key/api-key.repository.js';
export type { DraftCheckStatus, DraftFamilyTerms, DraftPrice, DraftRefusal } from './draft/draft.entity.js';
export { DraftRepository, type Draft, type DraftCheck, type DraftContent } from './draft/draft.repository.js';
export type { UploadStatus } from './upload/upload.entity.js';
export {
  UploadRepository,
  type NewUpload,
  type Upload,
  type UploadAdmission,
  type UploadQuota,
} from './upload/upload.repository.js';
export { WebhookRepository, type NewWebhook, type Webhook, type WebhookPatch } from './webhook/webhook.repository.js';
export type { DeliveryStatus } from './webhook/webhook-delivery.entity.js';
export {
  WebhookDeliveryRepository,
  type Attempt,
  type DueDelivery,
  type WebhookDelivery,
} from './webhook/webhook-delivery.repository.js';
export { MetadataDocumentRepository, type MetadataDocument } from './metadata/metadata-document.repository.js';
export { ModelProfileRepository, type StoredProfile } from './profile/model-profile.repository.js';
export type { DataSource, EntityManager } from 'typeorm';
