import type { ContractAddresses } from '@openimo/contracts';
import type { Address } from '@openimo/domain';
import type { News, RawLog } from '@openimo/persistence';
import { concat, type Hex } from 'viem';
import { type ContractKind, type Contracts, DECODERS } from '../events/contracts.js';
import type { DecodedEvent } from '../events/decode-event.js';
import { type Ledger, RowUnknown } from '../ledger/ledger.js';
import type { BlockRange } from '../source/block-source.js';
import type { BlockWithLogs, Header, Log } from '../source/block.js';
import { disputesProjection } from './disputes.projection.js';
import { auditsProjection } from './audits.projection.js';
import { createOffering, factoryProjection } from './factory.projection.js';
import { escrowProjection } from './escrow.projection.js';
import { newsOf } from './news.js';
import { offeringProjection } from './offering.projection.js';
import { operatorsProjection } from './operators.projection.js';
import { oracleProjection } from './oracle.projection.js';
import { type FixedAddresses, lower, type Occurrence } from './projection.js';
import { registryProjection } from './registry.projection.js';
import { routerProjection } from './router.projection.js';
import { tokenProjection } from './token.projection.js';

type Handler = (args: never, occurrence: Occurrence) => void;

const PROJECTIONS: Readonly<Record<ContractKind, Readonly<Record<string, Handler | undefined>>>> = {
  registry: registryProjection,
  router: routerProjection,
  factory: factoryProjection,
  operators: operatorsProjection,
  oracle: oracleProjection,
  disputes: disputesProjection,
  audits: auditsProjection,
  offering: offeringProjection,
  token: tokenProjection,
  escrow: escrowProjection,
};

interface Event {
  readonly log: Log;
  readonly kind: ContractKind;
  readonly decoded: DecodedEvent;
}

/** A range, decoded: may be applied as often as needed. */
export interface DecodedBlock {
  readonly header: Header;
  readonly events: readonly Event[];
}

export function decodeBlocks({ blocks }: BlockRange, contracts: Contracts): DecodedBlock[] {
  return blocks.map(({ header, logs }) => ({
    header,
    events: logs.flatMap((log) => {
      const kind = contracts.kindOf(log.address);
      const decoded = kind && DECODERS[kind].decode(log);
      return kind && decoded ? [{ log, kind, decoded }] : [];
    }),
  }));
}

export function fixedAddresses(addresses: ContractAddresses, treasury: Address): FixedAddresses {
  const { revenueRouter, inferenceOracle, audits } = addresses;
  return {
    router: lower(revenueRouter),
    oracle: lower(inferenceOracle),
    audits: lower(audits),
    treasury: lower(treasury),
  };
}

/**
 * Applies blocks to the ledger, in order. An event that needs a row not yet known is skipped: the ledger says which rows are
 * missing, and the caller fetches them and applies the blocks again.
 *
 * @param finalizedBlock blocks up to this one keep no undo record
 */
export function applyBlocks(
  blocks: readonly DecodedBlock[],
  { facts }: BlockRange,
  fixed: FixedAddresses,
  ledger: Ledger,
  finalizedBlock: bigint,
): void {
  for (const { header, events } of blocks) {
    ledger.beginBlock(header.number, header.number > finalizedBlock);
    const notes = new Map<string, unknown>();
    for (const { log, kind, decoded } of events) {
      if (kind !== 'factory' || decoded.name !== 'OfferingCreated') continue;
      createOffering(decoded.args as never, { ledger, header, log, facts, fixed, notes });
    }
    for (const { log, kind, decoded } of events) {
      const handler = PROJECTIONS[kind][decoded.name];
      if (handler === undefined) continue;
      try {
        handler(decoded.args as never, { ledger, header, log, facts, fixed, notes });
      } catch (error) {
        if (!(error instanceof RowUnknown)) throw error;
      }
    }
  }
}

/** What the outbox will say of blocks. */
export function newsOfBlocks(blocks: readonly DecodedBlock[]): News[] {
  return blocks.flatMap(({ header, events }) =>
    events.map(({ log, kind, decoded }) => ({
      blockNumber: header.number,
      blockHash: header.hash,
      logIndex: log.logIndex,
      event: decoded.name,
      at: header.at,
      ...newsOf(kind, log.address, decoded.args),
    })),
  );
}

export function rawLogs(blocks: readonly BlockWithLogs[]): RawLog[] {
  return blocks.flatMap(({ header, logs }) =>
    logs.map((log) => ({
      blockHash: header.hash,
      logIndex: log.logIndex,
      blockNumber: header.number,
      transactionHash: log.transactionHash,
      transactionIndex: log.transactionIndex,
      address: log.address,
      topics: concat(log.topics as Hex[]),
      data: log.data,
    })),
  );
}
