import type { Address, Hex } from 'viem';
import type { Parameters } from './parameters.js';

/** The contracts of one deployment, by name. */
export interface ContractAddresses {
  modelRegistry: Address;
  revenueRouter: Address;
  offeringFactory: Address;
  operatorRegistry: Address;
  inferenceOracle: Address;
  disputeGame: Address;
  /** Also what the router's waterfall credits with the protocol's share. */
  audits: Address;
}

/** What a deployment publishes about itself; enough to find, check and use it. */
export interface Deployment {
  chainId: number;
  /** Hash of block 0: tells one local chain from the next. */
  genesisHash: Hex;
  /** Block before which there is nothing of ours. */
  startBlock: bigint;
  deployer: Address;
  /** Whom `audits` credits with the protocol's share, but for what pays for audits. */
  protocolTreasury: Address;
  addresses: ContractAddresses;
  parameters: Parameters;
}

/** The record as JSON; bigints are decimal strings that end in n. */
export function stringifyDeployment(deployment: Deployment): string {
  return JSON.stringify(deployment, (_, value) => (typeof value === 'bigint' ? `${value}n` : value), 2);
}

export function parseDeployment(json: string): Deployment {
  return JSON.parse(json, (_, value) =>
    typeof value === 'string' && /^\d+n$/.test(value) ? BigInt(value.slice(0, -1)) : value,
  ) as Deployment;
}
