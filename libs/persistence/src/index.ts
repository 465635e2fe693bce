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
} from './job/job.repository.js';
export {
  TransactionRepository,
  type NewTransaction,
  type TransactionPatch,
  type TransactionRepositoryErrorCode,
  type TransactionRow,
} from './transaction/transaction.repository.js';
export type { TransactionFailure, TransactionStatus } from './transaction/transaction.entity.js';
export type { DataSource, EntityManager } from 'typeorm';
