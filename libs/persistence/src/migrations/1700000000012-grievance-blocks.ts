import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Where the answer was seen that somebody found wrong; of those that were filed before, it is long ago. */
export class GrievanceBlocks1700000000012 implements MigrationInterface {
  readonly name = 'GrievanceBlocks1700000000012';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table grievances add column block_number bigint not null default 0');
    await runner.query('alter table grievances alter column block_number drop default');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table grievances drop column block_number');
  }
}
