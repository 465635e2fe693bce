import { Args, Context, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import type { Hex } from '@openimo/domain';
import type { DisputeEntity } from '@openimo/persistence';
import { Account } from '../account/account.types.js';
import { Family } from '../family/family.types.js';
import type { RequestContext } from '../graphql/request-context.js';
import { HexScalar } from '../graphql/scalars.js';
import { OperatorService } from '../operator/operator.service.js';
import { Operator } from '../operator/operator.types.js';
import { RequestService } from '../request/request.service.js';
import { Assertion, Request } from '../request/request.types.js';
import { VersionService } from '../version/version.service.js';
import { Version } from '../version/version.types.js';
import { DisputeMove } from './dispute-move.types.js';
import { DisputeService } from './dispute.service.js';
import { Dispute, DisputeConnection, DisputeList, DisputeOutcome } from './dispute.types.js';

@Resolver(() => Dispute)
export class DisputeResolver {
  constructor(
    private readonly disputes: DisputeService,
    private readonly requests: RequestService,
    private readonly operators: OperatorService,
    private readonly versions: VersionService,
  ) {}

  @Query(() => DisputeConnection, { name: 'disputes' })
  list(@Args() list: DisputeList) {
    return this.disputes.list(list);
  }

  @Query(() => Dispute, { nullable: true, name: 'dispute' })
  byId(@Args('disputeId', { type: () => HexScalar }) disputeId: Hex, @Context() { loaders }: RequestContext) {
    return this.disputes.byId(disputeId, loaders);
  }

  @ResolveField(() => [DisputeMove], {
    description: 'From the challenge on. A trace that was posted for an earlier dispute of the item comes first.',
  })
  moves(@Parent() dispute: DisputeEntity, @Context() { loaders }: RequestContext) {
    return this.disputes.movesOf(dispute, loaders);
  }

  @ResolveField(() => DisputeOutcome, { nullable: true, description: 'Null while undecided, and of a moot one.' })
  outcome(@Parent() dispute: DisputeEntity) {
    return this.disputes.outcomeOf(dispute);
  }

  @ResolveField(() => Request)
  request(@Parent() { requestId }: Dispute, @Context() { loaders }: RequestContext) {
    return this.requests.byId(requestId, loaders);
  }

  @ResolveField(() => Assertion, { description: 'The answer that is disputed.' })
  assertion(@Parent() { requestId, round }: Dispute, @Context() { loaders }: RequestContext) {
    return this.requests.assertionOf(requestId, round, loaders);
  }

  @ResolveField(() => Version)
  version(@Parent() { versionId }: Dispute, @Context() { loaders }: RequestContext) {
    return this.versions.byId(versionId, loaders);
  }

  @ResolveField('operator', () => Operator, { description: 'Who gave the answer.' })
  who(@Parent() { operator }: Dispute, @Context() { loaders }: RequestContext) {
    return this.operators.byAddress(operator, loaders);
  }
}

@Resolver(() => Request)
export class RequestDisputesResolver {
  constructor(private readonly disputes: DisputeService) {}

  @ResolveField('disputes', () => DisputeConnection, { description: 'Against all of its answers.' })
  list(@Parent() { requestId }: Request, @Args() list: DisputeList, @Context() { loaders }: RequestContext) {
    return this.disputes.of('requestId', requestId, list, loaders);
  }
}

@Resolver(() => Assertion)
export class AssertionDisputesResolver {
  constructor(private readonly disputes: DisputeService) {}

  @ResolveField('disputes', () => DisputeConnection)
  list(@Parent() { requestId, round }: Assertion, @Args() list: DisputeList, @Context() { loaders }: RequestContext) {
    return this.disputes.of('requestId', requestId, list, loaders, [{ field: 'round', operator: 'eq', value: round }]);
  }
}

@Resolver(() => Operator)
export class OperatorDisputesResolver {
  constructor(private readonly disputes: DisputeService) {}

  @ResolveField('disputes', () => DisputeConnection, { description: 'Against its answers.' })
  list(@Parent() { address }: Operator, @Args() list: DisputeList, @Context() { loaders }: RequestContext) {
    return this.disputes.of('operator', address, list, loaders);
  }

  @ResolveField(() => DisputeConnection, { description: 'The disputes that it lost.' })
  convictions(@Parent() { address }: Operator, @Args() list: DisputeList, @Context() { loaders }: RequestContext) {
    const lost = { field: 'phase', operator: 'eq', value: 'operatorLost' } as const;
    return this.disputes.of('operator', address, list, loaders, [lost]);
  }
}

@Resolver(() => Version)
export class VersionDisputesResolver {
  constructor(private readonly disputes: DisputeService) {}

  @ResolveField('disputes', () => DisputeConnection)
  list(@Parent() { versionId }: Version, @Args() list: DisputeList, @Context() { loaders }: RequestContext) {
    return this.disputes.of('versionId', versionId, list, loaders);
  }
}

@Resolver(() => Family)
export class FamilyDisputesResolver {
  constructor(private readonly disputes: DisputeService) {}

  @ResolveField('disputes', () => DisputeConnection)
  list(@Parent() { familyId }: Family, @Args() list: DisputeList, @Context() { loaders }: RequestContext) {
    return this.disputes.of('familyId', familyId, list, loaders);
  }
}

@Resolver(() => Account)
export class AccountChallengesResolver {
  constructor(private readonly disputes: DisputeService) {}

  @ResolveField(() => DisputeConnection, { description: 'Disputes in which it is the challenger.' })
  challenges(@Parent() { address }: Account, @Args() list: DisputeList, @Context() { loaders }: RequestContext) {
    return this.disputes.of('challenger', address, list, loaders);
  }
}
