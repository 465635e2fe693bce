import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Address, Hex } from '@openimo/domain';
import { hexText, instant, integer, label, nullable, uint256, uint64 } from '../database/columns.js';

/** One immutable ONNX file of a family and its commitments. Bounds in bytes. */
@Entity({ name: 'versions' })
export class VersionEntity {
  @PrimaryColumn(uint256('version_id'))
  versionId: bigint;

  @Column(uint256('family_id'))
  familyId: bigint;

  /** sha256 of the file. */
  @Column(hexText('file_hash'))
  fileHash: Hex;

  /** Null where the file was not lowered to the bit-exact profile. */
  @Column(nullable(hexText('model_root')))
  modelRoot: Hex | null;

  @Column(nullable(hexText('weights_root')))
  weightsRoot: Hex | null;

  @Column(hexText('metadata_hash'))
  metadataHash: Hex;

  @Column(label('metadata_uri'))
  metadataUri: string;

  @Column(label('licence'))
  licence: string;

  /** The earliest version with the same weights. */
  @Column(nullable(uint256('duplicate_of')))
  duplicateOf: bigint | null;

  @Column(integer('min_input'))
  minInput: number;

  @Column(integer('max_input'))
  maxInput: number;

  @Column(integer('min_output'))
  minOutput: number;

  @Column(integer('max_output'))
  maxOutput: number;

  /** Bytes that its graph reads of a text; null where it does not write text. */
  @Column(nullable(integer('context')))
  context: number | null;

  @Column(integer('request_count'))
  requestCount: number;

  /** Operators enrolled now. */
  @Column(integer('operator_count'))
  operatorCount: number;

  @Column(hexText('published_by'))
  publishedBy: Address;

  @Column(uint64('published_block'))
  publishedBlock: bigint;

  @Column(instant('published_at'))
  publishedAt: Date;
}
