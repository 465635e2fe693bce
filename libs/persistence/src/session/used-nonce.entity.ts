import { Column, Entity, PrimaryColumn } from 'typeorm';
import { instant, label } from '../database/columns.js';

/** A nonce somebody has signed in with. Nonces nobody has used need no row: they carry their own proof of origin. */
@Entity({ name: 'used_nonces' })
export class UsedNonceEntity {
  @PrimaryColumn(label('nonce'))
  nonce: string;

  /** Of the nonce itself; the row may go after this. */
  @Column(instant('expires_at'))
  expiresAt: Date;
}
