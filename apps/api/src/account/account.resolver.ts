import { Args, Context, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import type { Address } from '@openimo/domain';
import type { RequestContext } from '../graphql/request-context.js';
import { AddressScalar } from '../graphql/scalars.js';
import { OfferingService } from '../offering/offering.service.js';
import { CommitmentConnection, CommitmentList, Grant } from '../offering/offering.types.js';
import { RequestService } from '../request/request.service.js';
import { RequestConnection, RequestList } from '../request/request.types.js';
import { TokenService } from '../token/token.service.js';
import { ClaimConnection, ClaimList, HoldingConnection, HoldingList } from '../token/token.types.js';
import { AccountService } from './account.service.js';
import { Account, Credit } from './account.types.js';

@Resolver(() => Account)
export class AccountResolver {
  constructor(
    private readonly accounts: AccountService,
    private readonly tokens: TokenService,
    private readonly offerings: OfferingService,
    private readonly requests: RequestService,
  ) {}

  @Query(() => Account, { name: 'account' })
  byAddress(@Args('address', { type: () => AddressScalar }) address: Address) {
    return { address };
  }

  @Query(() => Account, { nullable: true, description: 'Whoever asks; null for somebody who has not signed in.' })
  me(@Context() { viewer }: RequestContext) {
    return viewer === null ? null : { address: viewer.address };
  }

  @ResolveField(() => HoldingConnection)
  holdings(@Parent() { address }: Account, @Args() list: HoldingList, @Context() { loaders }: RequestContext) {
    return this.tokens.holdingsOf(address, list, loaders);
  }

  @ResolveField(() => ClaimConnection, { description: 'Revenue it was paid.' })
  claims(@Parent() { address }: Account, @Args() list: ClaimList, @Context() { loaders }: RequestContext) {
    return this.tokens.claimsBy(address, list, loaders);
  }

  @ResolveField(() => CommitmentConnection)
  commitments(@Parent() { address }: Account, @Args() list: CommitmentList, @Context() { loaders }: RequestContext) {
    return this.offerings.commitmentsBy(address, list, loaders);
  }

  @ResolveField(() => [Grant], { description: 'Tokens that vest for it.' })
  grants(@Parent() { address }: Account, @Context() { loaders }: RequestContext) {
    return this.offerings.grantsTo(address, loaders);
  }

  @ResolveField(() => [Credit])
  credits(@Parent() { address }: Account, @Context() { loaders }: RequestContext) {
    return this.accounts.creditsOf(address, loaders);
  }

  @ResolveField('requests', () => RequestConnection, { description: 'What it asked.' })
  asked(@Parent() { address }: Account, @Args() list: RequestList, @Context() { loaders }: RequestContext) {
    return this.requests.of('account', address, list, loaders);
  }
}
