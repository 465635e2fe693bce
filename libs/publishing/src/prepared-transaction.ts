import { decodeRevert, type RevertErrorCode } from '@openimo/chain';
import { allAbis, type ContractAddresses } from '@openimo/contracts';
import { DomainError } from '@openimo/domain';
import { type Abi, type Address, encodeFunctionData, type Hex, type PublicClient } from 'viem';
import { describeTransaction } from './describe-transaction.js';

/** A transaction for its sender's wallet to sign. Whoever prepared it has no part in that. */
export interface PreparedTransaction {
  readonly to: Address;
  readonly data: Hex;
  /** Wei. */
  readonly value: bigint;
  readonly chainId: number;
  /** What it will do, read from `data`. */
  readonly description: string;
}

/** How the transaction would fare in the latest block. */
export type DryRun =
  | { readonly succeeds: true; readonly gas: bigint }
  /** `refusal.data`: errorName, args, revertData */
  | { readonly succeeds: false; readonly refusal: DomainError<RevertErrorCode> };

export interface ContractCall {
  readonly address: Address;
  readonly abi: Abi;
  readonly functionName: string;
  readonly args: readonly unknown[];
  readonly value?: bigint;
}

/**
 * @throws viem's error when arguments are not those of the function; a plain error where nobody taught us to describe the call
 */
export function prepareTransaction(
  contracts: ContractAddresses,
  chainId: number,
  { address: to, abi, functionName, args, value = 0n }: ContractCall,
): PreparedTransaction {
  const data = encodeFunctionData({ abi, functionName, args });
  const description = describeTransaction(contracts, { to, data });
  if (description === undefined) throw new Error(`There are no words for ${functionName}.`);
  return { to, data, value, chainId, description };
}

/** Executes a transaction in the latest block without sending it. */
export async function dryRun(
  client: Pick<PublicClient, 'estimateGas'>,
  from: Address,
  { to, data, value }: Pick<PreparedTransaction, 'to' | 'data' | 'value'>,
): Promise<DryRun> {
  try {
    return { succeeds: true, gas: await client.estimateGas({ account: from, to, data, value }) };
  } catch (error) {
    const refusal = decodeRevert(error, [allAbis]);
    if (refusal === undefined) throw error;
    return { succeeds: false, refusal };
  }
}
