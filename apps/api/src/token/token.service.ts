import { Injectable } from '@nestjs/common';
import { modelTokenAbi } from '@openimo/contracts';
import type { Address } from '@openimo/domain';
import {
  type ClaimEntity,
  ClaimRepository,
  type Concentration,
  type Condition,
  type HolderRevenueEntity,
  HolderRevenueRepository,
  type HoldingEntity,
  HoldingRepository,
  type RevenueEventEntity,
  RevenueEventRepository,
  type TokenEntity,
  TokenRepository,
} from '@openimo/persistence';
import { HeadReader } from '../chain/head-reader.js';
import type { Connection } from '../graphql/connection.js';
import type { Loaders } from '../graphql/loaders.js';
import { readOne, readPage, readPageOf, readPair } from '../graphql/read.js';
import type { AssetAmount, ClaimList, Holding, HoldingList, RevenueEventList, TokenList } from './token.types.js';

/** The row stays when the balance is gone. */
const HELD: readonly Condition<HoldingEntity>[] = [{ field: 'balance', operator: 'gt', value: 0n }];

@Injectable()
export class TokenService {
  constructor(
    private readonly tokens: TokenRepository,
    private readonly holdings: HoldingRepository,
    private readonly paid: HolderRevenueRepository,
    private readonly claims: ClaimRepository,
    private readonly revenueEvents: RevenueEventRepository,
    private readonly head: HeadReader,
  ) {}

  list(list: TokenList): Promise<Connection<TokenEntity>> {
    return readPage(this.tokens, list);
  }

  byAddress(address: Address, loaders: Loaders): Promise<TokenEntity | null> {
    return readOne(this.tokens, 'address', address, loaders);
  }

  holdersOf(token: Address, list: HoldingList, loaders: Loaders): Promise<Connection<HoldingEntity>> {
    return readPageOf(this.holdings, 'token', token, list, loaders, HELD);
  }

  holdingsOf(holder: Address, list: HoldingList, loaders: Loaders): Promise<Connection<HoldingEntity>> {
    return readPageOf(this.holdings, 'holder', holder, list, loaders, HELD);
  }

  async holdingOf(token: Address, holder: Address, loaders: Loaders): Promise<HoldingEntity | null> {
    const [found] = await readPair(this.holdings, ['token', 'holder'], [token, holder], loaders);
    return found ?? null;
  }

  concentrationOf(token: Address, loaders: Loaders): Promise<Concentration | null> {
    const fetch = (tokens: readonly Address[]) => this.tokens.concentrations(tokens);
    return loaders.one('concentration', fetch, (row: Concentration) => row.token).load(token);
  }

  claimsOf(token: Address, list: ClaimList, loaders: Loaders): Promise<Connection<ClaimEntity>> {
    return readPageOf(this.claims, 'token', token, list, loaders);
  }

  claimsBy(account: Address, list: ClaimList, loaders: Loaders): Promise<Connection<ClaimEntity>> {
    return readPageOf(this.claims, 'account', account, list, loaders);
  }

  revenueEventsOf(token: Address, list: RevenueEventList, loaders: Loaders): Promise<Connection<RevenueEventEntity>> {
    return readPageOf(this.revenueEvents, 'token', token, list, loaders);
  }

  paidTo({ token, holder }: Holding, loaders: Loaders): Promise<readonly HolderRevenueEntity[]> {
    return readPair(this.paid, ['token', 'holder'], [token, holder], loaders);
  }

  /** What claiming now would pay, in every asset of the token, exact at the latest block. */
  async claimableBy({ token: address, holder }: Holding, loaders: Loaders): Promise<AssetAmount[]> {
    const token = await this.byAddress(address, loaders);
    return Promise.all(
      token!.assets.map(async (asset) => {
        const args = [holder, asset] as const;
        const read = { address, abi: modelTokenAbi, functionName: 'accruedRevenue', args } as const;
        return { asset, amount: await this.head.read(read, loaders) };
      }),
    );
  }
}
