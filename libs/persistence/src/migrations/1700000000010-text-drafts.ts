import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Drafts of versions that write text. */
export class TextDrafts1700000000010 implements MigrationInterface {
  readonly name = 'TextDrafts1700000000010';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table model_drafts add column most_new_bytes bigint');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table model_drafts drop column most_new_bytes');
  }
}
