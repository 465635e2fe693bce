import type { ApiKeyErrorCode } from './api-key/api-key.errors.js';
import { ApiKeyModule } from './api-key/api-key.module.js';
import type { AuthErrorCode } from './auth/auth.errors.js';
import { AuthModule } from './auth/auth.module.js';
import type { DraftErrorCode } from './draft/draft.errors.js';
import { DraftModule } from './draft/draft.module.js';
import { MetadataModule } from './metadata/metadata.module.js';
import type { PublicationErrorCode } from './publication/publication.errors.js';
import { PublicationModule } from './publication/publication.module.js';
import { SessionModule } from './session/session.module.js';
import type { UploadErrorCode } from './upload/upload.errors.js';
import { UploadModule } from './upload/upload.module.js';
import type { WebhookErrorCode } from './webhook/webhook.errors.js';
import { WebhookModule } from './webhook/webhook.module.js';

/** What people bring, and what they do with it. */
export const WRITE_NOUNS = [
  AuthModule,
  SessionModule,
  ApiKeyModule,
  DraftModule,
  UploadModule,
  PublicationModule,
  WebhookModule,
  MetadataModule,
] as const;

export type WriteErrorCode =
  AuthErrorCode | ApiKeyErrorCode | DraftErrorCode | UploadErrorCode | PublicationErrorCode | WebhookErrorCode;
