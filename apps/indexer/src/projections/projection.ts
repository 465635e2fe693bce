import type { Address, Hex } from '@openimo/domain';
import type { EventRow } from '@openimo/persistence';
import type { Abi, ContractEventName } from 'viem';
import type { EventArgs } from '../events/decode-event.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Facts } from '../source/block-source.js';
import type { Header, Log } from '../source/block.js';

/** One event and everything a projection may know of it. */
export interface Occurrence {
  readonly ledger: Ledger;
  readonly header: Header;
  readonly log: Log;
  readonly facts: Facts;
  readonly fixed: FixedAddresses;
  /** What an event leaves for a later one of the same block; empty at its beginning. */
  readonly notes: Map<string, unknown>;
}

/** Contracts whose addresses mean something inside other contracts' events. */
export interface FixedAddresses {
  readonly router: Address;
  readonly oracle: Address;
  readonly audits: Address;
  /** Whom the audits credit with what is not theirs of the protocol's share. */
  readonly treasury: Address;
}

/** What becomes of the read model when a contract emits an event; events without a handler only make a raw log. */
export type Projection<abi extends Abi> = {
  readonly [name in ContractEventName<abi>]?: (args: EventArgs<abi, name>, occurrence: Occurrence) => void;
};

export const ETH: Address = '0x0000000000000000000000000000000000000000';

/** The columns every row of an event begins with. */
export function eventRow({ header, log }: Occurrence): EventRow {
  return {
    blockNumber: header.number,
    logIndex: log.logIndex,
    transactionHash: log.transactionHash as Hex,
    at: header.at,
  };
}

/** Under which the oracle notes whose request it pays for in this transaction. */
export function payerNote({ transactionHash }: Log): string {
  return `payer:${transactionHash}`;
}

const HOUR_MS = 3_600_000;

/** The hour a moment lies in. */
export function hourOf(at: Date): Date {
  return new Date(Math.floor(at.getTime() / HOUR_MS) * HOUR_MS);
}

export function dayOf(at: Date): Date {
  return new Date(Math.floor(at.getTime() / (24 * HOUR_MS)) * 24 * HOUR_MS);
}

/** Addresses from views come with upper case in them. */
export function lower<Text extends Hex>(text: Text): Text {
  return text.toLowerCase() as Text;
}
