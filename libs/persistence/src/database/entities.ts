import { AccountEntity } from '../account/account.entity.js';
import { ApiKeyUsageEntity } from '../api-key/api-key-usage.entity.js';
import { ApiKeyEntity } from '../api-key/api-key.entity.js';
import { ChainEntity } from '../chain/chain.entity.js';
import { CheckpointEntity } from '../chain/checkpoint.entity.js';
import { GameEventEntity } from '../dispute/game-event.entity.js';
import { GrievanceEntity } from '../dispute/grievance.entity.js';
import { DraftEntity } from '../draft/draft.entity.js';
import { OutcomeView } from '../index-offering/outcome.view.js';
import { INDEX_ENTITIES } from '../index-store/index-entities.js';
import { JobEntity } from '../job/job.entity.js';
import { MetadataDocumentEntity } from '../metadata/metadata-document.entity.js';
import { ModelProfileEntity } from '../profile/model-profile.entity.js';
import { SessionEntity } from '../session/session.entity.js';
import { UsedNonceEntity } from '../session/used-nonce.entity.js';
import { SigningAccountEntity } from '../transaction/signing-account.entity.js';
import { TransactionEntity } from '../transaction/transaction.entity.js';
import { UploadEntity } from '../upload/upload.entity.js';
import { WatchedAnswerEntity } from '../watch/watched-answer.entity.js';
import { OutboxCursorEntity } from '../webhook/outbox-cursor.entity.js';
import { WebhookDeliveryEntity } from '../webhook/webhook-delivery.entity.js';
import { WebhookEntity } from '../webhook/webhook.entity.js';

export const ENTITIES = [
  ChainEntity,
  CheckpointEntity,
  JobEntity,
  GameEventEntity,
  GrievanceEntity,
  WatchedAnswerEntity,
  SigningAccountEntity,
  TransactionEntity,
  ...INDEX_ENTITIES,
  OutcomeView,
  AccountEntity,
  UsedNonceEntity,
  SessionEntity,
  ApiKeyEntity,
  ApiKeyUsageEntity,
  DraftEntity,
  UploadEntity,
  WebhookEntity,
  WebhookDeliveryEntity,
  OutboxCursorEntity,
  MetadataDocumentEntity,
  ModelProfileEntity,
] as const;
