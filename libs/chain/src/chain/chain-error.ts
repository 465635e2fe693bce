import {
  BaseError,
  HttpRequestError,
  InternalRpcError,
  LimitExceededRpcError,
  ResourceUnavailableRpcError,
  SocketClosedError,
  TimeoutError,
  WebSocketRequestError,
} from 'viem';
import { DomainError, isDomainError } from '@openimo/domain';

export type ChainErrorCode = 'RpcUnavailable' | 'WrongChain' | 'ChainReset';

const UNAVAILABLE = [
  HttpRequestError,
  TimeoutError,
  WebSocketRequestError,
  SocketClosedError,
  LimitExceededRpcError,
  ResourceUnavailableRpcError,
] as const;

/** An RPC that does not answer, or asks for patience, becomes a retryable DomainError; every other error stays what it is. */
export function toChainError(error: unknown): unknown {
  if (isDomainError(error) || !(error instanceof BaseError)) return error;
  const found = error.walk((at) => UNAVAILABLE.some((kind) => at instanceof kind));
  if (found === null) return error;
  return new DomainError<ChainErrorCode>('RpcUnavailable', 'The chain does not answer. Try again.', {
    // viem's own message holds the URL, and the URL of a paid RPC holds its key.
    data: { reason: found.name, ...(found instanceof HttpRequestError && { httpStatus: found.status }) },
    retryable: true,
  });
}

/** Runs `work` and classifies what it throws. */
export async function classified<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toChainError(error);
  }
}

/** Whether the node failed inside, which says nothing about the request. */
export function isInternalRpcError(error: unknown): boolean {
  return error instanceof BaseError && error.walk((at) => at instanceof InternalRpcError) !== null;
}
