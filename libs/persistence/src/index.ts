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
export type { DataSource, EntityManager } from 'typeorm';
