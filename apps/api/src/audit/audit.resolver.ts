import { Args, Context, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import type { Hex } from '@openimo/domain';
import type { RequestContext } from '../graphql/request-context.js';
import { HexScalar } from '../graphql/scalars.js';
import { RequestService } from '../request/request.service.js';
import { Assertion, Request } from '../request/request.types.js';
import { Version } from '../version/version.types.js';
import { AuditService } from './audit.service.js';
import { Audit, AuditConnection, AuditList, AuditRun } from './audit.types.js';

@Resolver(() => Audit)
export class AuditResolver {
  constructor(
    private readonly audits: AuditService,
    private readonly requests: RequestService,
  ) {}

  @Query(() => AuditConnection, { name: 'audits' })
  list(@Args() list: AuditList) {
    return this.audits.list(list);
  }

  @Query(() => Audit, { nullable: true, name: 'audit' })
  byId(@Args('auditId', { type: () => HexScalar }) auditId: Hex, @Context() { loaders }: RequestContext) {
    return this.audits.byId(auditId, loaders);
  }

  @ResolveField(() => [AuditRun], { description: 'One or two.' })
  runs(@Parent() { auditId }: Audit, @Context() { loaders }: RequestContext) {
    return this.audits.runsOf(auditId, loaders);
  }

  @ResolveField(() => Request)
  request(@Parent() { requestId }: Audit, @Context() { loaders }: RequestContext) {
    return this.requests.byId(requestId, loaders);
  }

  @ResolveField(() => Assertion, { description: 'The answer that is audited.' })
  assertion(@Parent() { requestId, round }: Audit, @Context() { loaders }: RequestContext) {
    return this.requests.assertionOf(requestId, round, loaders);
  }
}

@Resolver(() => Assertion)
export class AssertionAuditResolver {
  constructor(private readonly audits: AuditService) {}

  @ResolveField(() => Audit, { nullable: true, description: 'Null where it was not drawn.' })
  audit(@Parent() { requestId, round }: Assertion, @Context() { loaders }: RequestContext) {
    return this.audits.ofAnswer(requestId, round, loaders);
  }
}

@Resolver(() => Version)
export class VersionAuditsResolver {
  constructor(private readonly audits: AuditService) {}

  @ResolveField('audits', () => AuditConnection)
  list(@Parent() { versionId }: Version, @Args() list: AuditList, @Context() { loaders }: RequestContext) {
    return this.audits.ofVersion(versionId, list, loaders);
  }
}
