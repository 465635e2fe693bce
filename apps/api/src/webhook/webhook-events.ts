import {
  auditsAbi,
  disputeGameAbi,
  fixedPriceOfferingAbi,
  inferenceOracleAbi,
  modelRegistryAbi,
  modelTokenAbi,
  offeringFactoryAbi,
  revenueRouterAbi,
  vestingEscrowAbi,
} from '@openimo/contracts';
import type { Abi } from 'viem';

const ABIS: readonly Abi[] = [
  modelRegistryAbi,
  offeringFactoryAbi,
  fixedPriceOfferingAbi,
  modelTokenAbi,
  vestingEscrowAbi,
  revenueRouterAbi,
  inferenceOracleAbi,
  disputeGameAbi,
  auditsAbi,
];

/** Names of all events that can happen to a family, its versions, sales, token, requests, disputes and audits; in order. */
export const WEBHOOK_EVENTS: readonly string[] = [
  ...new Set(ABIS.flat().flatMap((item) => (item.type === 'event' ? [item.name] : []))),
].sort();
