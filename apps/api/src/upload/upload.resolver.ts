import { Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { UploadRepository } from '@openimo/persistence';
import { authorize } from '../auth/authorize.js';
import { Draft } from '../draft/draft.types.js';
import type { RequestContext } from '../graphql/request-context.js';
import { Upload } from './upload.types.js';

@Resolver(() => Draft)
export class UploadResolver {
  constructor(private readonly uploads: UploadRepository) {}

  @ResolveField(() => [Upload], { name: 'uploads', description: 'The newest first.' })
  of(@Parent() { draftId }: Draft, @Context() context: RequestContext) {
    return this.uploads.list(authorize(context, 'read').address, draftId);
  }
}
