import type { Chain } from '@openimo/chain';
import type { Deployment } from '@openimo/contracts';
import type { Address } from '@openimo/domain';
import { type ContractCall, dryRun, prepareTransaction } from '@openimo/publishing';
import { BaseError } from 'viem';
import { termsInvalid } from './publication.errors.js';
import type { PreparedTransaction } from '../transaction/transaction.types.js';
import type { DryRun } from './publication.types.js';

/**
 * A call as a transaction for `from`'s wallet, with how it would fare.
 * @throws DomainError `TermsInvalid` when no contract could be given these arguments
 */
export async function prepareFor(
  from: Address,
  call: ContractCall,
  { addresses, chainId }: Deployment,
  { client }: Chain,
): Promise<{ readonly transaction: PreparedTransaction; readonly dryRun: DryRun }> {
  const prepared = encode(() => prepareTransaction(addresses, chainId, call));
  const outcome = await dryRun(client, from, prepared);
  const shown: DryRun = outcome.succeeds
    ? { succeeds: true, gas: outcome.gas, refusal: null }
    : {
        succeeds: false,
        gas: null,
        refusal: { message: outcome.refusal.message, errorName: String(outcome.refusal.data['errorName']) },
      };
  return { transaction: { ...prepared, to: prepared.to.toLowerCase() as Address }, dryRun: shown };
}

function encode<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof BaseError) throw termsInvalid(`A value is out of range: ${error.shortMessage}`);
    throw error;
  }
}
