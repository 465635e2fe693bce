import { Inject, Injectable } from '@nestjs/common';
import { type Deployment, fixedPriceOfferingAbi, modelTokenAbi } from '@openimo/contracts';
import { type Address, DomainError } from '@openimo/domain';
import type { OfferingEntity, TokenEntity } from '@openimo/persistence';
import { moneyInWords, tokensInWords } from '@openimo/publishing';
import { encodeFunctionData, erc20Abi, type Hex } from 'viem';
import type { Loaders } from '../graphql/loaders.js';
import { OfferingService } from '../offering/offering.service.js';
import { OfferingPhase, OfferingStatus } from '../offering/offering.types.js';
import { DEPLOYMENT } from '../platform/tokens.js';
import { ETH } from '../revenue/revenue.types.js';
import { TokenService } from '../token/token.service.js';
import type { TransactionErrorCode } from './transaction.errors.js';
import type {
  BuyerArguments,
  ClaimArguments,
  CommitArguments,
  PreparedTransaction,
  RedeemArguments,
  SaleAmountArguments,
} from './transaction.types.js';

@Injectable()
export class TransactionService {
  constructor(
    private readonly offerings: OfferingService,
    private readonly tokens: TokenService,
    @Inject(DEPLOYMENT) private readonly deployment: Deployment,
  ) {}

  async commit({ offering, amount, cap, proof }: CommitArguments, loaders: Loaders): Promise<PreparedTransaction[]> {
    const { sale, token } = await this.#openSale(offering, loaders);
    checkPositive(amount);
    const { currency, address } = sale;
    const data = encodeFunctionData({ abi: fixedPriceOfferingAbi, functionName: 'commit', args: [amount, cap, proof] });
    const description =
      `Commits ${moneyInWords(amount, currency)} to the sale of ${named(token)} at ${address}. ` +
      `If less than ${moneyInWords(sale.softCap, currency)} comes together, everything is refunded; what is over the hard cap of ` +
      `${moneyInWords(sale.hardCap, currency)} is not accepted and is refunded too.`;
    const commit = this.#prepared(address, data, description, currency === ETH ? amount : 0n);
    return currency === ETH
      ? [commit]
      : [this.#approve(currency, address, amount, moneyInWords(amount, currency)), commit];
  }

  async uncommit({ offering, amount, to }: SaleAmountArguments, loaders: Loaders): Promise<PreparedTransaction[]> {
    const { sale, token } = await this.#openSale(offering, loaders);
    checkPositive(amount);
    const data = encodeFunctionData({ abi: fixedPriceOfferingAbi, functionName: 'uncommit', args: [amount, to] });
    const description = `Takes ${moneyInWords(amount, sale.currency)} of your commitment out of the sale of ${named(token)} and sends it to ${to}.`;
    return [this.#prepared(sale.address, data, description)];
  }

  async claimTokens({ offering, buyer }: BuyerArguments, loaders: Loaders): Promise<PreparedTransaction[]> {
    const { sale, token } = await this.#sale(offering, loaders);
    if (sale.status !== OfferingStatus.SETTLED) throw notOver(sale);
    const data = encodeFunctionData({ abi: fixedPriceOfferingAbi, functionName: 'claimTokensFor', args: [buyer] });
    const description = `Sends ${buyer} the ${token.symbol} that it bought in the sale at ${sale.address}, and what was not accepted of its commitment.`;
    return [this.#prepared(sale.address, data, description)];
  }

  async refund({ offering, buyer }: BuyerArguments, loaders: Loaders): Promise<PreparedTransaction[]> {
    const { sale, token } = await this.#sale(offering, loaders);
    if (sale.status === OfferingStatus.SELLING) throw notOver(sale);
    const data = encodeFunctionData({ abi: fixedPriceOfferingAbi, functionName: 'refundFor', args: [buyer] });
    const description = `Sends ${buyer} what the sale of ${named(token)} at ${sale.address} owes it of its commitment.`;
    return [this.#prepared(sale.address, data, description)];
  }

  async exit({ offering, amount, to }: SaleAmountArguments, loaders: Loaders): Promise<PreparedTransaction[]> {
    const { sale, token } = await this.#sale(offering, loaders);
    if (sale.status !== OfferingStatus.SETTLED) throw notOver(sale);
    checkPositive(amount);
    const given = tokensInWords(amount, token.symbol);
    const data = encodeFunctionData({ abi: fixedPriceOfferingAbi, functionName: 'exit', args: [amount, to] });
    const description = `Returns ${given} to the sale at ${sale.address} for their part of the proceeds not released yet, paid to ${to}. The tokens are burned.`;
    return [this.#approve(token.address, sale.address, amount, given), this.#prepared(sale.address, data, description)];
  }

  async claimRevenue({ token: address, to }: ClaimArguments, loaders: Loaders): Promise<PreparedTransaction[]> {
    const token = await this.#token(address, loaders);
    const data = encodeFunctionData({ abi: modelTokenAbi, functionName: 'claimAll', args: [to] });
    const description = `Pays all revenue that ${named(token)} at ${token.address} has accrued for you, in every asset, to ${to}. You keep your tokens.`;
    return [this.#prepared(token.address, data, description)];
  }

  async redeem({ token: address, amount, to }: RedeemArguments, loaders: Loaders): Promise<PreparedTransaction[]> {
    const token = await this.#token(address, loaders);
    checkPositive(amount);
    const data = encodeFunctionData({ abi: modelTokenAbi, functionName: 'burnTo', args: [amount, to] });
    const description = `Burns ${tokensInWords(amount, token.symbol)} of ${named(token)} for good and pays their share of the redemption pool to ${to}.`;
    return [this.#prepared(token.address, data, description)];
  }

  async #openSale(address: Address, loaders: Loaders) {
    const found = await this.#sale(address, loaders);
    const { phase } = await this.offerings.progressOf(found.sale, loaders);
    if (phase === OfferingPhase.OPEN) return found;
    const { opensAt, closesAt } = found.sale;
    throw failure(
      'OfferingNotOpen',
      `The sale ${address} is open from ${opensAt.toISOString()} to ${closesAt.toISOString()}; it is ${phase} now.`,
    );
  }

  async #sale(address: Address, loaders: Loaders) {
    const sale = await this.offerings.byAddress(address, loaders);
    if (sale === null) {
      throw failure('OfferingUnknown', `${address} is no sale of this platform. Look it up among \`offerings\`.`);
    }
    return { sale, token: await this.#token(sale.token, loaders) };
  }

  async #token(address: Address, loaders: Loaders): Promise<TokenEntity> {
    const token = await this.tokens.byAddress(address, loaders);
    if (token !== null) return token;
    throw failure('TokenUnknown', `${address} is no token of this platform. Look it up among \`tokens\`.`);
  }

  #approve(asset: Address, spender: Address, amount: bigint, inWords: string): PreparedTransaction {
    const data = encodeFunctionData({ abi: erc20Abi, functionName: 'approve', args: [spender, amount] });
    return this.#prepared(asset, data, `Allows the sale at ${spender} to take ${inWords} from you, and no more.`);
  }

  #prepared(to: Address, data: Hex, description: string, value = 0n): PreparedTransaction {
    return { to, data, value, chainId: this.deployment.chainId, description };
  }
}

/** Names are chosen by publishers; quoting them keeps them from passing for our own words. */
function named({ name, symbol }: TokenEntity): string {
  return `${JSON.stringify(name)} (${symbol})`;
}

function checkPositive(amount: bigint): void {
  if (amount <= 0n) throw failure('AmountNotPositive', 'The amount must be more than zero.');
}

function notOver({ address, status }: OfferingEntity): DomainError<TransactionErrorCode> {
  return failure('OfferingNotOver', `The sale ${address} is ${status}; this has to wait until it is settled.`);
}

function failure(code: TransactionErrorCode, message: string): DomainError<TransactionErrorCode> {
  return new DomainError(code, message);
}
