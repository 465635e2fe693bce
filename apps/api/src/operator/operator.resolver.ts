import { Args, Context, Int, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import type { Address } from '@openimo/domain';
import type { RequestContext } from '../graphql/request-context.js';
import { AddressScalar } from '../graphql/scalars.js';
import { RequestService } from '../request/request.service.js';
import {
  Assertion,
  AssertionConnection,
  AssertionList,
  Request,
  RequestConnection,
  RequestList,
} from '../request/request.types.js';
import { VersionService } from '../version/version.service.js';
import { Attestation, Version } from '../version/version.types.js';
import { OperatorService } from './operator.service.js';
import {
  Enrolment,
  Operator,
  OperatorConnection,
  OperatorList,
  StakeEventConnection,
  StakeEventList,
  Uptime,
} from './operator.types.js';

@Resolver(() => Operator)
export class OperatorResolver {
  constructor(
    private readonly operators: OperatorService,
    private readonly requests: RequestService,
  ) {}

  @Query(() => OperatorConnection, { name: 'operators' })
  list(@Args() list: OperatorList) {
    return this.operators.list(list);
  }

  @Query(() => Operator, { nullable: true, name: 'operator' })
  byAddress(@Args('address', { type: () => AddressScalar }) address: Address, @Context() { loaders }: RequestContext) {
    return this.operators.byAddress(address, loaders);
  }

  @ResolveField(() => Uptime)
  uptime(
    @Parent() { address }: Operator,
    @Args('days', { type: () => Int, defaultValue: 30 }) days: number,
    @Context() { loaders }: RequestContext,
  ) {
    return this.operators.uptimeOf(address, days, loaders);
  }

  @ResolveField(() => [Enrolment], { description: 'Past ones too.' })
  enrolments(@Parent() { address }: Operator, @Context() { loaders }: RequestContext) {
    return this.operators.enrolmentsOf(address, loaders);
  }

  @ResolveField(() => StakeEventConnection)
  stakeEvents(@Parent() { address }: Operator, @Args() list: StakeEventList, @Context() { loaders }: RequestContext) {
    return this.operators.stakeEventsOf(address, list, loaders);
  }

  @ResolveField(() => AssertionConnection)
  assertions(@Parent() { address }: Operator, @Args() list: AssertionList, @Context() { loaders }: RequestContext) {
    return this.requests.assertionsBy(address, list, loaders);
  }

  @ResolveField(() => RequestConnection, { description: 'Whose answer that stands is its own.' })
  answered(@Parent() { address }: Operator, @Args() list: RequestList, @Context() { loaders }: RequestContext) {
    return this.requests.of('operator', address, list, loaders);
  }
}

@Resolver(() => Enrolment)
export class EnrolmentResolver {
  constructor(
    private readonly operators: OperatorService,
    private readonly versions: VersionService,
  ) {}

  @ResolveField('operator', () => Operator)
  who(@Parent() { operator }: Enrolment, @Context() { loaders }: RequestContext) {
    return this.operators.byAddress(operator, loaders);
  }

  @ResolveField(() => Version)
  version(@Parent() { versionId }: Enrolment, @Context() { loaders }: RequestContext) {
    return this.versions.byId(versionId, loaders);
  }
}

@Resolver(() => Version)
export class VersionOperatorsResolver {
  constructor(private readonly operators: OperatorService) {}

  @ResolveField(() => [Enrolment], { description: 'Operators that serve it now.' })
  enrolments(@Parent() { versionId }: Version, @Context() { loaders }: RequestContext) {
    return this.operators.enrolledFor(versionId, loaders);
  }
}

@Resolver(() => Attestation)
export class AttestationResolver {
  constructor(private readonly operators: OperatorService) {}

  @ResolveField('operator', () => Operator)
  who(@Parent() { operator }: Attestation, @Context() { loaders }: RequestContext) {
    return this.operators.byAddress(operator, loaders);
  }
}

@Resolver(() => Request)
export class RequestOperatorResolver {
  constructor(private readonly operators: OperatorService) {}

  @ResolveField('operator', () => Operator, { nullable: true, description: 'Who gave the answer that stands.' })
  who(@Parent() { operator }: Request, @Context() { loaders }: RequestContext) {
    return operator === null ? null : this.operators.byAddress(operator, loaders);
  }
}

@Resolver(() => Assertion)
export class AssertionOperatorResolver {
  constructor(private readonly operators: OperatorService) {}

  @ResolveField('operator', () => Operator)
  who(@Parent() { operator }: Assertion, @Context() { loaders }: RequestContext) {
    return this.operators.byAddress(operator, loaders);
  }
}
