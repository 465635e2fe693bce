import { createUnionType, Field, InputType, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import type { DeliveryStatus as Status } from '@openimo/persistence';
import { errorResult } from '../graphql/error-result.js';
import { DateTimeScalar } from '../graphql/scalars.js';

export enum DeliveryStatus {
  pending = 'pending',
  delivered = 'delivered',
  failed = 'failed',
}
registerEnumType(DeliveryStatus, {
  name: 'WebhookDeliveryStatus',
  valuesMap: {
    pending: { description: 'On its way, or waiting for the next attempt.' },
    delivered: { description: 'The receiver has answered with a status from 200 to 299.' },
    failed: { description: 'Given up.' },
  } satisfies Record<Status, object>,
});

@ObjectType({ description: 'One announcement on its way to a webhook.' })
export class WebhookDelivery {
  @Field()
  deliveryId: string;

  @Field({ description: 'Of the event; the same in all deliveries of it.' })
  eventId: string;

  @Field({ description: 'The JSON that is sent.' })
  body: string;

  @Field(() => DeliveryStatus)
  status: Status;

  @Field(() => Int)
  attempts: number;

  @Field(() => Int, { nullable: true, description: 'HTTP status of the last answer.' })
  responseStatus: number | null;

  @Field(() => String, { nullable: true, description: 'Why the last attempt failed.' })
  error: string | null;

  @Field(() => DateTimeScalar)
  nextAttemptAt: Date;

  @Field(() => DateTimeScalar)
  createdAt: Date;

  @Field(() => DateTimeScalar, { nullable: true })
  deliveredAt: Date | null;
}

@ObjectType({ description: 'Where you are told what happens to the families you publish.' })
export class Webhook {
  @Field()
  webhookId: string;

  @Field()
  url: string;

  @Field(() => [String])
  events: string[];

  @Field({ description: 'False once you or twenty deliveries in a row that failed have turned it off.' })
  active: boolean;

  @Field(() => Int, { description: 'Deliveries given up since one last went through.' })
  failureCount: number;

  @Field(() => DateTimeScalar)
  createdAt: Date;
}

@InputType()
export class CreateWebhookInput {
  @Field({ description: 'https, on the public internet; redirects are not followed.' })
  url: string;

  @Field(() => [String], { description: 'Names of events, of those in `webhookEvents`.' })
  events: string[];
}

@InputType({ description: 'What is left out stays as it is.' })
export class UpdateWebhookInput {
  @Field({ nullable: true })
  url?: string;

  @Field(() => [String], { nullable: true })
  events?: string[];

  @Field({ nullable: true })
  active?: boolean;
}

@ObjectType({ description: 'A webhook, and for this one time its secret.' })
export class CreatedWebhook {
  @Field(() => Webhook)
  webhook: Webhook;

  @Field({ description: 'Signs every delivery. It is shown now and never again.' })
  secret: string;
}

export const TooManyWebhooks = errorResult('TooManyWebhooks', 'You have as many webhooks as one account may have.');
export const WebhookNotFound = errorResult('WebhookNotFound', 'You have no webhook of this id.');
export const WebhookUrlRefused = errorResult('WebhookUrlRefused', 'We do not send anything to this URL.');

export const CreateWebhookResult = createUnionType({
  name: 'CreateWebhookResult',
  types: () => [CreatedWebhook, TooManyWebhooks, WebhookUrlRefused] as const,
});
export const UpdateWebhookResult = createUnionType({
  name: 'UpdateWebhookResult',
  types: () => [Webhook, WebhookNotFound, WebhookUrlRefused] as const,
});
export const RotateWebhookResult = createUnionType({
  name: 'RotateWebhookResult',
  types: () => [CreatedWebhook, WebhookNotFound] as const,
});
