import { ChainEntity } from '../chain/chain.entity.js';
import { CheckpointEntity } from '../chain/checkpoint.entity.js';
import { OutcomeView } from '../index-offering/outcome.view.js';
import { INDEX_ENTITIES } from '../index-store/index-entities.js';
import { JobEntity } from '../job/job.entity.js';
import { SigningAccountEntity } from '../transaction/signing-account.entity.js';
import { TransactionEntity } from '../transaction/transaction.entity.js';

export const ENTITIES = [
  ChainEntity,
  CheckpointEntity,
  JobEntity,
  SigningAccountEntity,
  TransactionEntity,
  ...INDEX_ENTITIES,
  OutcomeView,
] as const;
