import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Address, Hex } from '@openimo/domain';
import { hexData, hexText, instant, integer, nullable, uint256, uint64 } from '../database/columns.js';
import { TaskColumns } from '../database/task-columns.js';
import type { JobStatus } from './job-status.js';

export interface JobFailure {
  readonly code: string;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** One request as one operator sees it. Several operators share a table. */
@Entity({ name: 'jobs' })
export class JobEntity extends TaskColumns {
  @PrimaryColumn(integer('chain_id'))
  chainId: number;

  @PrimaryColumn(hexText('operator'))
  operator: Address;

  @PrimaryColumn(uint256('request_id'))
  requestId: bigint;

  @Column(uint256('version_id'))
  versionId: bigint;

  @Column({ name: 'status', type: 'text' })
  status: JobStatus;

  /** Who asked. */
  @Column(hexText('account'))
  account: Address;

  @Column(integer('batch_size'))
  batchSize: number;

  /** `batchSize` canonical inputs, concatenated. */
  @Column(hexData('input'))
  input: Hex;

  @Column(hexText('callback_contract'))
  callbackContract: Address;

  @Column(uint64('callback_gas_limit'))
  callbackGasLimit: bigint;

  @Column(hexData('callback_data'))
  callbackData: Hex;

  /** The terms of the request, as the chain announced them; amounts as decimal strings. */
  @Column({ name: 'options', type: 'jsonb' })
  options: Record<string, unknown>;

  /** Where the request was seen. */
  @Column(uint64('block_number'))
  blockNumber: bigint;

  @Column(hexText('block_hash'))
  blockHash: Hex;

  /** After this, by the clock of the chain, there is only the refund. */
  @Column(instant('deadline'))
  deadline: Date;

  /** End of the dispute window of the present assertion. */
  @Column(nullable(instant('final_at')))
  finalAt: Date | null;

  /** Counts answers, as the chain does. */
  @Column(integer('round'))
  round: number;

  /** One output per item; null until computed. */
  @Column({ name: 'outputs', type: 'jsonb', nullable: true })
  outputs: Hex[] | null;

  @Column({ name: 'error', type: 'jsonb', nullable: true })
  error: JobFailure | null;
}
