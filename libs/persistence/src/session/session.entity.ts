import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Address, Hex } from '@openimo/domain';
import { hexText, instant, label, nullable } from '../database/columns.js';

/** One sign-in of one account. */
@Entity({ name: 'sessions' })
export class SessionEntity {
  /** Public: names the session in a list; opens nothing. */
  @PrimaryColumn(label('session_id'))
  sessionId: string;

  @Column(hexText('account'))
  account: Address;

  /** sha256 of the token in the cookie; the token itself is nowhere. */
  @Column(hexText('token_hash'))
  tokenHash: Hex;

  /** What the browser calls itself, for the owner to recognise it. */
  @Column(label('user_agent'))
  userAgent: string;

  @Column(instant('created_at'))
  createdAt: Date;

  @Column(instant('last_seen_at'))
  lastSeenAt: Date;

  @Column(instant('expires_at'))
  expiresAt: Date;

  @Column(nullable(instant('revoked_at')))
  revokedAt: Date | null;
}
