export { freePort, startAnvil, type Anvil, type AnvilOptions } from './anvil/start-anvil.js';
export { toChainError, type ChainErrorCode } from './chain/chain-error.js';
export { createChain, LOCAL_CHAIN_ID, type Chain, type ChainHealth, type ChainOptions } from './chain/create-chain.js';
export { waitForChain, type WaitForChainOptions } from './chain/wait-for-chain.js';
export { decodeRevert, type RevertErrorCode } from './revert/decode-revert.js';
export { createKeystore, KeystoreSigner, type KeystoreOptions } from './signer/keystore-signer.js';
export { LocalKeySigner } from './signer/local-key-signer.js';
export type { Signer, SignerErrorCode } from './signer/signer.js';
export { MemoryTransactionStore } from './transactions/memory-transaction-store.js';
export {
  TransactionManager,
  type TransactionErrorCode,
  type TransactionEvent,
  type TransactionManagerOptions,
  type TransactionRequest,
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
