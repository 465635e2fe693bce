export { endOrphan, freePort, startAnvil, type Anvil, type AnvilOptions } from './anvil/start-anvil.js';
export { toChainError, type ChainErrorCode } from './chain/chain-error.js';
export { blockAt } from './chain/block-at.js';
export { createChain, LOCAL_CHAIN_ID, type Chain, type ChainHealth, type ChainOptions } from './chain/create-chain.js';
export { waitForChain, type WaitForChainOptions } from './chain/wait-for-chain.js';
export { decodeRevert, type RevertErrorCode } from './revert/decode-revert.js';
export { createKeystore, KeystoreSigner, type KeystoreOptions } from './signer/keystore-signer.js';
export { LocalKeySigner } from './signer/local-key-signer.js';
export type { Signer, SignerErrorCode } from './signer/signer.js';
export { MemoryTransactionStore } from './transactions/memory-transaction-store.js';
export type { TransactionRequest } from './transactions/quote.js';
export type { TransactionErrorCode } from './transactions/transaction-errors.js';
export type { TransactionEvent, TransactionStep } from './transactions/transaction-event.js';
export {
  TransactionManager,
  type TransactionManagerOptions,
  type WaitOptions,
} from './transactions/transaction-manager.js';
export type {
  NewTransactionRecord,
  TransactionFailure,
  TransactionRecord,
  TransactionRecordPatch,
  TransactionStatus,
  TransactionStore,
} from './transactions/transaction-store.js';
export {
  LogFollower,
  type LogBatch,
  type LogCheckpoint,
  type LogCursor,
  type LogFollowerOptions,
} from './logs/log-follower.js';
export { searchBack, type BlockRange } from './logs/search-back.js';
