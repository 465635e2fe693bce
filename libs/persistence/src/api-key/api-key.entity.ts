import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Address, Hex } from '@openimo/domain';
import { hexText, instant, integer, json, label, nullable } from '../database/columns.js';

/** `imo_<keyId>_<secret>`, without the secret. */
@Entity({ name: 'api_keys' })
export class ApiKeyEntity {
  @PrimaryColumn(label('key_id'))
  keyId: string;

  @Column(hexText('account'))
  account: Address;

  /** For its owner to recognise it. */
  @Column(label('name'))
  name: string;

  /** sha256 of the secret. The secret has 256 random bits: there is nothing to guess that a slow hash would protect. */
  @Column(hexText('secret_hash'))
  secretHash: Hex;

  /** Of the secret before the last rotation, which opens until `previousExpiresAt`. */
  @Column(nullable(hexText('previous_secret_hash')))
  previousSecretHash: Hex | null;

  @Column(nullable(instant('previous_expires_at')))
  previousExpiresAt: Date | null;

  @Column(json('scopes'))
  scopes: string[];

  /** Cost units per period; null: only what holds for everybody. */
  @Column(nullable(integer('budget')))
  budget: number | null;

  @Column(integer('period_seconds'))
  periodSeconds: number;

  @Column(instant('created_at'))
  createdAt: Date;

  @Column(nullable(instant('rotated_at')))
  rotatedAt: Date | null;

  /** To the minute. */
  @Column(nullable(instant('last_used_at')))
  lastUsedAt: Date | null;

  @Column(nullable(instant('expires_at')))
  expiresAt: Date | null;

  @Column(nullable(instant('revoked_at')))
  revokedAt: Date | null;
}
