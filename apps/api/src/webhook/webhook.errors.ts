import { DomainError } from '@openimo/domain';

export type WebhookErrorCode = 'WebhookInputInvalid';

export const webhookInputInvalid = (message: string) =>
  new DomainError<WebhookErrorCode>('WebhookInputInvalid', message);
