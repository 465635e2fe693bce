import { Args, Context, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { authorize } from '../auth/authorize.js';
import type { RequestContext } from '../graphql/request-context.js';
import { WEBHOOK_EVENTS } from './webhook-events.js';
import { WebhookService } from './webhook.service.js';
import {
  CreateWebhookInput,
  CreateWebhookResult,
  RotateWebhookResult,
  UpdateWebhookInput,
  UpdateWebhookResult,
  Webhook,
  WebhookDelivery,
} from './webhook.types.js';

@Resolver(() => Webhook)
export class WebhookResolver {
  constructor(private readonly webhooks: WebhookService) {}

  @Query(() => [String], { description: 'What a webhook can be told of.' })
  webhookEvents() {
    return WEBHOOK_EVENTS;
  }

  @Query(() => [Webhook], { description: 'Yours, the newest first.' })
  myWebhooks(@Context() context: RequestContext) {
    return this.webhooks.list(authorize(context, 'read').address);
  }

  @ResolveField(() => [WebhookDelivery], { description: 'The newest hundred.' })
  deliveries(@Parent() { webhookId }: Webhook, @Context() context: RequestContext) {
    return this.webhooks.deliveriesOf(authorize(context, 'read').address, webhookId);
  }

  @Mutation(() => CreateWebhookResult)
  createWebhook(@Args('input') input: CreateWebhookInput, @Context() context: RequestContext) {
    return this.webhooks.create(authorize(context, 'webhooks').address, input);
  }

  @Mutation(() => UpdateWebhookResult)
  updateWebhook(
    @Args('webhookId') webhookId: string,
    @Args('input') input: UpdateWebhookInput,
    @Context() context: RequestContext,
  ) {
    return this.webhooks.update(authorize(context, 'webhooks').address, webhookId, input);
  }

  @Mutation(() => RotateWebhookResult, { description: 'Another secret, at once.' })
  rotateWebhookSecret(@Args('webhookId') webhookId: string, @Context() context: RequestContext) {
    return this.webhooks.rotate(authorize(context, 'webhooks').address, webhookId);
  }

  @Mutation(() => Boolean, { description: 'With its deliveries. False: you have no such webhook.' })
  deleteWebhook(@Args('webhookId') webhookId: string, @Context() context: RequestContext) {
    return this.webhooks.remove(authorize(context, 'webhooks').address, webhookId);
  }

  @Mutation(() => Boolean, { description: 'Sends a delivery again. False: you have no such delivery.' })
  redeliver(@Args('deliveryId') deliveryId: string, @Context() context: RequestContext) {
    return this.webhooks.sendAgain(authorize(context, 'webhooks').address, deliveryId);
  }
}
