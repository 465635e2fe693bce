import { Args, Context, Mutation, Resolver } from '@nestjs/graphql';
import { authorize } from '../auth/authorize.js';
import type { RequestContext } from '../graphql/request-context.js';
import { PublicationService } from './publication.service.js';
import { LaunchOfferingInput, LaunchOfferingResult, PublishDraftResult } from './publication.types.js';

@Resolver()
export class PublicationResolver {
  constructor(private readonly publications: PublicationService) {}

  @Mutation(() => PublishDraftResult, {
    description: 'Prepares the next transaction on the way of a checked draft to the chain. Sends nothing.',
  })
  publishDraft(@Args('draftId') draftId: string, @Context() context: RequestContext) {
    return this.publications.publishDraft(authorize(context, 'publish').address, draftId);
  }

  @Mutation(() => LaunchOfferingResult, {
    description: "Prepares the transaction that offers a family's token. Sends nothing.",
  })
  launchOffering(@Args('input') input: LaunchOfferingInput, @Context() context: RequestContext) {
    return this.publications.launchOffering(authorize(context, 'publish').address, input);
  }
}
