import type { MigrationInterface, QueryRunner } from 'typeorm';
import { FILLED_AGAIN } from './1700000000004-payers.js';
import { DISPUTE_TABLES } from './1700000000007-disputes.js';
import { startOver } from './start-over.js';

/** Who published a version: one of those who cannot attest to its roots. The read model is emptied and filled again by the indexer. */
export class AttestedTier1700000000009 implements MigrationInterface {
  readonly name = 'AttestedTier1700000000009';

  async up(runner: QueryRunner): Promise<void> {
    await startOver(runner, [...FILLED_AGAIN, 'payer_fees_by_day', ...DISPUTE_TABLES]);
    await runner.query('alter table versions add column published_by text not null');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table versions drop column published_by');
  }
}
