import { DomainError, type Address } from '@openimo/domain';
import type { TransactionFailure } from './transaction-store.js';

export type TransactionErrorCode =
  | 'AccountInUse'
  | 'AccountLeaseLost'
  | 'ChainReset'
  | 'ContractReverted'
  | 'FeeCapReached'
  | 'GasOutOfRange'
  | 'IdempotencyKeyReused'
  | 'InsufficientFunds'
  | 'ManagerStopped'
  | 'TransactionCancelled'
  | 'TransactionRefused'
  | 'TransactionTimedOut'
  | 'UnknownTransaction';

type TransactionError = DomainError<TransactionErrorCode>;

export function chainReset(chainId: number): TransactionError {
  return new DomainError(
    'ChainReset',
    `Chain ${chainId} was started anew: the database belongs to another chain of the same id. Reset the database too.`,
    { data: { chainId } },
  );
}

export function managerStopped(): TransactionError {
  return new DomainError('ManagerStopped', 'The transaction manager is not running.');
}

export function keyReused(key: string, nonce: number): TransactionError {
  return new DomainError(
    'IdempotencyKeyReused',
    `The key ${key} belongs to another transaction. One key, one effect.`,
    { data: { key, nonce } },
  );
}

export function insufficientFunds(account: Address, balance?: bigint, needed?: bigint): TransactionError {
  const detail = needed === undefined ? '' : `: it holds ${balance} wei and needs up to ${needed}`;
  return new DomainError('InsufficientFunds', `${account} cannot pay for the transaction${detail}. Send it funds.`, {
    data: { account, ...(needed !== undefined && { balance, needed }) },
    retryable: true,
  });
}

export function gasOutOfRange(gas: bigint, least: bigint, most: bigint): TransactionError {
  return new DomainError('GasOutOfRange', `Such a transaction takes ${least} to ${most} gas, not ${gas}.`, {
    data: { gas, least, most },
  });
}

export function unknownTransaction(key: string): TransactionError {
  return new DomainError('UnknownTransaction', `No transaction was submitted as ${key}.`, { data: { key } });
}

export function timedOut(key: string, timeoutMs: number): TransactionError {
  return new DomainError('TransactionTimedOut', `Transaction ${key} was not settled within ${timeoutMs} ms.`, {
    data: { key, timeoutMs },
    retryable: true,
  });
}

// What is stored with a row.

export const CANCELLED: TransactionFailure = {
  code: 'TransactionCancelled',
  message: 'The transaction was cancelled.',
  data: {},
};

export const NOT_WANTED: TransactionFailure = {
  code: 'TransactionCancelled',
  message: 'The chain changed before the transaction was mined, and on the new one it is not wanted.',
  data: {},
};

export const REVERTED_FOR_UNKNOWN_REASON: TransactionFailure = {
  code: 'ContractReverted',
  message: 'The transaction was mined and reverted; the node cannot say why.',
  data: {},
};

export function refusedByNode(detail: string): TransactionFailure {
  return { code: 'TransactionRefused', message: `The node does not take the transaction: ${detail}`, data: {} };
}

export function feeCapReached(capPerGas: bigint): TransactionFailure {
  return {
    code: 'FeeCapReached',
    message: `The chain asks for more than the cap of ${capPerGas} wei per gas. Wait, or raise the cap.`,
    data: { capPerGas: capPerGas.toString() },
  };
}

export function asFailure(error: DomainError): TransactionFailure {
  return error.toJSON() as TransactionFailure;
}
