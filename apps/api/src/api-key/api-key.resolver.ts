import { Args, Context, Int, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { authorize } from '../auth/authorize.js';
import type { RequestContext } from '../graphql/request-context.js';
import { ApiKeyService } from './api-key.service.js';
import { ApiKey, CreateApiKeyInput, CreateApiKeyResult, RotateApiKeyResult } from './api-key.types.js';

@Resolver(() => ApiKey)
export class ApiKeyResolver {
  constructor(private readonly keys: ApiKeyService) {}

  @Query(() => [ApiKey], { description: 'Your keys that were not revoked, the newest first.' })
  myApiKeys(@Context() context: RequestContext) {
    return this.keys.list(authorize(context, 'manage', false).address);
  }

  @Mutation(() => CreateApiKeyResult)
  createApiKey(@Args('input') input: CreateApiKeyInput, @Context() context: RequestContext) {
    return this.keys.create(authorize(context, 'manage').address, input);
  }

  @Mutation(() => RotateApiKeyResult, {
    description: 'Another secret for the same key. The present one works a while longer.',
  })
  rotateApiKey(
    @Args('keyId') keyId: string,
    @Args('overlapSeconds', { type: () => Int, defaultValue: 86_400 }) overlapSeconds: number,
    @Context() context: RequestContext,
  ) {
    return this.keys.rotate(authorize(context, 'manage').address, keyId, overlapSeconds);
  }

  @Mutation(() => Boolean, { description: 'At once. False: you have no such key.' })
  revokeApiKey(@Args('keyId') keyId: string, @Context() context: RequestContext) {
    return this.keys.revoke(authorize(context, 'manage').address, keyId);
  }

  @ResolveField(() => Int, { description: 'Cost units spent in the present period.' })
  async spent(@Parent() key: ApiKey) {
    return (await this.keys.spent(key)).spent;
  }
}
