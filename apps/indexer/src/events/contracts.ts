import {
  auditsAbi,
  type ContractAddresses,
  disputeGameAbi,
  fixedPriceOfferingAbi,
  inferenceOracleAbi,
  modelRegistryAbi,
  modelTokenAbi,
  offeringFactoryAbi,
  operatorRegistryAbi,
  revenueRouterAbi,
  vestingEscrowAbi,
} from '@openimo/contracts';
import type { Address, Hex } from '@openimo/domain';
import { EventDecoder } from './decode-event.js';

/** Kinds of contracts we follow, and what they emit. */
export const ABIS = {
  registry: modelRegistryAbi,
  router: revenueRouterAbi,
  factory: offeringFactoryAbi,
  operators: operatorRegistryAbi,
  oracle: inferenceOracleAbi,
  disputes: disputeGameAbi,
  audits: auditsAbi,
  offering: fixedPriceOfferingAbi,
  token: modelTokenAbi,
  escrow: vestingEscrowAbi,
} as const;

export type ContractKind = keyof typeof ABIS;

export const DECODERS = Object.fromEntries(
  Object.entries(ABIS).map(([kind, abi]) => [kind, new EventDecoder(abi)]),
) as Record<ContractKind, EventDecoder>;

/** What one `OfferingCreated` brought into being. */
export interface Deployed {
  readonly offering: Address;
  readonly token: Address;
  readonly escrow: Address;
}

/** Whose logs we follow: the fixed contracts, and what the factory deploys. */
export class Contracts {
  readonly #kinds = new Map<Address, ContractKind>();

  constructor(addresses: ContractAddresses) {
    this.#set(addresses.modelRegistry, 'registry');
    this.#set(addresses.revenueRouter, 'router');
    this.#set(addresses.offeringFactory, 'factory');
    this.#set(addresses.operatorRegistry, 'operators');
    this.#set(addresses.inferenceOracle, 'oracle');
    this.#set(addresses.disputeGame, 'disputes');
    this.#set(addresses.audits, 'audits');
  }

  kindOf(address: Address): ContractKind | undefined {
    return this.#kinds.get(address);
  }

  get addresses(): readonly Address[] {
    return [...this.#kinds.keys()];
  }

  /** @returns those that were not known */
  add({ offering, token, escrow }: Deployed): Address[] {
    const all = { offering, token, escrow };
    const fresh = Object.values(all).filter((address) => !this.#kinds.has(address.toLowerCase() as Address));
    for (const [kind, address] of Object.entries(all)) this.#set(address, kind as ContractKind);
    return fresh;
  }

  /** What a log of the factory deploys, if it is one. @returns those that were not known */
  addAll(log: { readonly address: Address; readonly topics: readonly Hex[]; readonly data: Hex }): Address[] {
    if (this.kindOf(log.address) !== 'factory') return [];
    const event = DECODERS.factory.decode(log);
    return event?.name === 'OfferingCreated' ? this.add(event.args as unknown as Deployed) : [];
  }

  #set(address: Address, kind: ContractKind): void {
    this.#kinds.set(address.toLowerCase() as Address, kind);
  }
}
