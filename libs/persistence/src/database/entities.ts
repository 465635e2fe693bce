import { ChainEntity } from '../chain/chain.entity.js';
import { CheckpointEntity } from '../chain/checkpoint.entity.js';
import { JobEntity } from '../job/job.entity.js';
import { SigningAccountEntity } from '../transaction/signing-account.entity.js';
import { TransactionEntity } from '../transaction/transaction.entity.js';

export const ENTITIES = [ChainEntity, CheckpointEntity, JobEntity, SigningAccountEntity, TransactionEntity] as const;
