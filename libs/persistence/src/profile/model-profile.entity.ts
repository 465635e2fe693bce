import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Hex, Sha256 } from '@openimo/domain';
import { hexText, instant, integer } from '../database/columns.js';

/** What a model file is in the bit-exact profile: computed once, for it takes seconds. */
@Entity({ name: 'model_profiles' })
export class ModelProfileEntity {
  /** Of the profile in which the roots were computed. */
  @PrimaryColumn(integer('profile_version'))
  profileVersion: number;

  @PrimaryColumn(hexText('file_hash'))
  fileHash: Sha256;

  @Column(hexText('model_root'))
  modelRoot: Hex;

  /** What the specification answers to the model's golden input hashes to. */
  @Column(hexText('golden_hash'))
  goldenHash: Hex;

  @Column(instant('computed_at'))
  computedAt: Date;
}
