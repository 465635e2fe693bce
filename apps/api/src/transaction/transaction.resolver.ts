import { Args, Context, Query, ResolveField, Resolver } from '@nestjs/graphql';
import type { RequestContext } from '../graphql/request-context.js';
import { TransactionService } from './transaction.service.js';
import {
  BuyerArguments,
  ClaimArguments,
  CommitArguments,
  PreparedTransaction,
  RedeemArguments,
  SaleAmountArguments,
  Transactions,
} from './transaction.types.js';

@Resolver(() => Transactions)
export class TransactionResolver {
  constructor(private readonly transactions: TransactionService) {}

  @Query(() => Transactions, { name: 'transactions' })
  root() {
    return {};
  }

  @ResolveField(() => [PreparedTransaction], { description: 'Puts money into a sale that is open.' })
  commit(@Args() what: CommitArguments, @Context() { loaders }: RequestContext) {
    return this.transactions.commit(what, loaders);
  }

  @ResolveField(() => [PreparedTransaction], { description: 'Takes money back out of a sale, while it lasts.' })
  uncommit(@Args() what: SaleAmountArguments, @Context() { loaders }: RequestContext) {
    return this.transactions.uncommit(what, loaders);
  }

  @ResolveField(() => [PreparedTransaction], { description: 'What was bought, once the sale is settled.' })
  claimTokens(@Args() what: BuyerArguments, @Context() { loaders }: RequestContext) {
    return this.transactions.claimTokens(what, loaders);
  }

  @ResolveField(() => [PreparedTransaction], {
    description: 'What was not accepted, or everything where a sale failed.',
  })
  refund(@Args() what: BuyerArguments, @Context() { loaders }: RequestContext) {
    return this.transactions.refund(what, loaders);
  }

  @ResolveField(() => [PreparedTransaction], {
    description: 'Leaves a sale before its proceeds are released; `amount` in tokens.',
  })
  exit(@Args() what: SaleAmountArguments, @Context() { loaders }: RequestContext) {
    return this.transactions.exit(what, loaders);
  }

  @ResolveField(() => [PreparedTransaction], { description: 'All that has accrued, in every asset.' })
  claimRevenue(@Args() what: ClaimArguments, @Context() { loaders }: RequestContext) {
    return this.transactions.claimRevenue(what, loaders);
  }

  @ResolveField(() => [PreparedTransaction], { description: 'Burns tokens for their share of the redemption pool.' })
  redeem(@Args() what: RedeemArguments, @Context() { loaders }: RequestContext) {
    return this.transactions.redeem(what, loaders);
  }
}
