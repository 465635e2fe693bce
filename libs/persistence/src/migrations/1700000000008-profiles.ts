import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What operators computed of model files, so that a start does not compute it again. */
export class Profiles1700000000008 implements MigrationInterface {
  readonly name = 'Profiles1700000000008';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create table model_profiles (
      profile_version bigint not null,
      file_hash text not null check (file_hash = lower(file_hash)),
      model_root text not null,
      golden_hash text not null,
      computed_at timestamptz not null,
      primary key (profile_version, file_hash)
    )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table model_profiles');
  }
}
