import { Column, Entity } from 'typeorm';
import type { Hex } from '@openimo/domain';
import { hexData, integer, uint256 } from '../database/columns.js';
import { EventRow } from '../index-store/event-row.js';

/** The bytes of a request; public, as everything on-chain. */
@Entity({ name: 'request_inputs' })
export class RequestInputEntity extends EventRow {
  @Column(uint256('request_id'))
  requestId: bigint;

  @Column(hexData('input'))
  input: Hex;

  @Column(integer('gas_limit'))
  gasLimit: number;

  @Column(hexData('callback_data'))
  callbackData: Hex;
}
