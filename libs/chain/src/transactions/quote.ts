import { BaseError, InsufficientFundsError, type Abi } from 'viem';
import type { Address, Hex } from '@openimo/domain';
import { toChainError } from '../chain/chain-error.js';
import type { Chain } from '../chain/create-chain.js';
import { decodeRevert } from '../revert/decode-revert.js';
import { marketFees, type Fees } from './fees.js';
import { intrinsicGas } from './intrinsic-gas.js';
import { gasOutOfRange, insufficientFunds } from './transaction-errors.js';

export interface TransactionRequest {
  /** One per intended effect, e.g. `assert:17:1`. The same key never takes effect twice. */
  readonly key: string;
  /** Null creates a contract. */
  readonly to: Address | null;
  readonly data?: Hex;
  readonly value?: bigint;
  /** Skips the dry run: such a transaction may be mined and revert. */
  readonly gas?: bigint;
  /** What a later block may need beyond the dry run's gas and its margin, as where a new epoch writes slots of its own. */
  readonly spareGas?: bigint;
}

export interface Quote extends Fees {
  readonly gasLimit: bigint;
}

export interface QuoteOptions {
  readonly chain: Chain;
  readonly account: Address;
  readonly abis?: readonly Abi[];
  readonly maxFeePerGasCap: bigint;
}

/** Room for state that changes between the dry run and the block. */
const GAS_MARGIN_PERCENT = 25n;
const MOST_GAS = 30_000_000n;
export const PLAIN_TRANSFER_GAS = 21_000n;

/**
 * Tries a transaction out before it gets a nonce: what it takes, and whether the account can pay for it.
 *
 * @throws DomainError `ContractReverted`, `InsufficientFunds`, `GasOutOfRange`, `RpcUnavailable`
 */
export async function quote(request: TransactionRequest, options: QuoteOptions): Promise<Quote> {
  const { chain, account } = options;
  const [gasLimit, fees, balance] = await Promise.all([
    gasFor(request, options),
    currentFees(chain, options.maxFeePerGasCap),
    chain.client.getBalance({ address: account }).catch((error: unknown) => {
      throw toChainError(error);
    }),
  ]);
  const needed = (request.value ?? 0n) + gasLimit * fees.maxFeePerGas;
  if (balance < needed) throw insufficientFunds(account, balance, needed);
  return { gasLimit, ...fees };
}

export async function currentFees({ client }: Chain, maxFeePerGasCap: bigint): Promise<Fees> {
  try {
    const [block, priority] = await Promise.all([client.getBlock(), client.estimateMaxPriorityFeePerGas()]);
    return marketFees(block.baseFeePerGas ?? 0n, priority, maxFeePerGasCap);
  } catch (error) {
    throw toChainError(error);
  }
}

async function gasFor(
  { to, data, value, gas, spareGas = 0n }: TransactionRequest,
  options: QuoteOptions,
): Promise<bigint> {
  if (gas !== undefined) {
    const least = intrinsicGas({ to, data });
    if (gas < least || gas > MOST_GAS) throw gasOutOfRange(gas, least, MOST_GAS);
    return gas;
  }
  const { chain, account, abis } = options;
  try {
    // Against the pending block: what we sent a moment ago counts.
    const estimate = await chain.client.estimateGas({ account, to, data, value, blockTag: 'pending' });
    if (estimate === PLAIN_TRANSFER_GAS) return estimate;
    const withMargin = (estimate * (100n + GAS_MARGIN_PERCENT)) / 100n + spareGas;
    return withMargin < MOST_GAS ? withMargin : MOST_GAS;
  } catch (error) {
    const cannotPay = error instanceof BaseError && error.walk((at) => at instanceof InsufficientFundsError) !== null;
    if (cannotPay) throw insufficientFunds(account);
    throw decodeRevert(error, abis) ?? toChainError(error);
  }
}
