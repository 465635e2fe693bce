import { Args, Context, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { Family } from '../family/family.types.js';
import type { RequestContext } from '../graphql/request-context.js';
import { BigIntScalar } from '../graphql/scalars.js';
import { VersionService } from '../version/version.service.js';
import { Version } from '../version/version.types.js';
import { RequestService } from './request.service.js';
import { Assertion, Callback, Request, RequestConnection, RequestInput, RequestList } from './request.types.js';

@Resolver(() => Request)
export class RequestResolver {
  constructor(
    private readonly requests: RequestService,
    private readonly versions: VersionService,
  ) {}

  @Query(() => RequestConnection, { name: 'requests' })
  list(@Args() list: RequestList) {
    return this.requests.list(list);
  }

  @Query(() => Request, { nullable: true, name: 'request' })
  byId(@Args('requestId', { type: () => BigIntScalar }) requestId: bigint, @Context() { loaders }: RequestContext) {
    return this.requests.byId(requestId, loaders);
  }

  @ResolveField(() => Version)
  version(@Parent() { versionId }: Request, @Context() { loaders }: RequestContext) {
    return this.versions.byId(versionId, loaders);
  }

  @ResolveField(() => RequestInput, { nullable: true })
  input(@Parent() { requestId }: Request, @Context() { loaders }: RequestContext) {
    return this.requests.inputOf(requestId, loaders);
  }

  @ResolveField(() => [Assertion], { description: 'Round by round.' })
  assertions(@Parent() { requestId }: Request, @Context() { loaders }: RequestContext) {
    return this.requests.assertionsOf(requestId, loaders);
  }

  @ResolveField(() => [Callback])
  callbacks(@Parent() { requestId }: Request, @Context() { loaders }: RequestContext) {
    return this.requests.callbacksOf(requestId, loaders);
  }
}

@Resolver(() => Assertion)
export class AssertionResolver {
  constructor(private readonly requests: RequestService) {}

  @ResolveField(() => Request)
  request(@Parent() { requestId }: Assertion, @Context() { loaders }: RequestContext) {
    return this.requests.byId(requestId, loaders);
  }
}

@Resolver(() => Version)
export class VersionRequestsResolver {
  constructor(private readonly requests: RequestService) {}

  @ResolveField('requests', () => RequestConnection)
  list(@Parent() { versionId }: Version, @Args() list: RequestList, @Context() { loaders }: RequestContext) {
    return this.requests.of('versionId', versionId, list, loaders);
  }
}

@Resolver(() => Family)
export class FamilyRequestsResolver {
  constructor(private readonly requests: RequestService) {}

  @ResolveField('requests', () => RequestConnection)
  list(@Parent() { familyId }: Family, @Args() list: RequestList, @Context() { loaders }: RequestContext) {
    return this.requests.of('familyId', familyId, list, loaders);
  }
}
