import { Args, Context, Mutation, Query, Resolver } from '@nestjs/graphql';
import { authorize } from '../auth/authorize.js';
import type { RequestContext } from '../graphql/request-context.js';
import { DraftService } from './draft.service.js';
import {
  CheckDraftResult,
  CreateDraftResult,
  Draft,
  DraftInput,
  TensorInput,
  TestRunResult,
  UpdateDraftResult,
} from './draft.types.js';
import { TestRunService } from './test-run.service.js';

@Resolver(() => Draft)
export class DraftResolver {
  constructor(
    private readonly drafts: DraftService,
    private readonly testRuns: TestRunService,
  ) {}

  @Query(() => [Draft], { description: 'Yours, the newest first.' })
  myDrafts(@Context() context: RequestContext) {
    return this.drafts.list(authorize(context, 'read').address);
  }

  @Query(() => Draft, { nullable: true })
  myDraft(@Args('draftId') draftId: string, @Context() context: RequestContext) {
    return this.drafts.find(authorize(context, 'read').address, draftId);
  }

  @Mutation(() => CreateDraftResult)
  createDraft(@Args('input') input: DraftInput, @Context() context: RequestContext) {
    return this.drafts.create(authorize(context, 'publish').address, input);
  }

  @Mutation(() => UpdateDraftResult)
  updateDraft(@Args('draftId') draftId: string, @Args('input') input: DraftInput, @Context() context: RequestContext) {
    return this.drafts.update(authorize(context, 'publish').address, draftId, input);
  }

  @Mutation(() => Boolean, { description: 'With its uploads. False: you have no such draft.' })
  deleteDraft(@Args('draftId') draftId: string, @Context() context: RequestContext) {
    return this.drafts.remove(authorize(context, 'publish').address, draftId);
  }

  @Mutation(() => CheckDraftResult, {
    description: 'Reads and runs the file in a sandbox. `checkStatus` says whether it can be published.',
  })
  checkDraft(@Args('draftId') draftId: string, @Context() context: RequestContext) {
    return this.drafts.check(authorize(context, 'publish').address, draftId);
  }

  @Mutation(() => TestRunResult, { description: 'Runs the checked file once, on what you give it. Nothing is kept.' })
  testRun(
    @Args('draftId') draftId: string,
    @Args('inputs', { type: () => [TensorInput] }) inputs: TensorInput[],
    @Context() context: RequestContext,
  ) {
    return this.testRuns.run(authorize(context, 'publish').address, draftId, inputs);
  }
}
