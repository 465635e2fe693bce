import { Column, Entity } from 'typeorm';
import type { Address, Hex } from '@openimo/domain';
import { flag, hexData, hexText, nullable, uint256 } from '../database/columns.js';
import { EventRow } from '../index-store/event-row.js';

/** One attempt to hand an answer to a contract. */
@Entity({ name: 'callbacks' })
export class CallbackEntity extends EventRow {
  @Column(uint256('request_id'))
  requestId: bigint;

  @Column(flag('succeeded'))
  succeeded: boolean;

  /** Null for a failure: the event does not name the caller. */
  @Column(nullable(hexText('invoker')))
  invoker: Address | null;

  /** Of a failure, at most 256 bytes. */
  @Column(nullable(hexData('reason')))
  reason: Hex | null;
}
