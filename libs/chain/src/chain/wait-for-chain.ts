import { isDomainError } from '@openimo/domain';
import type { Chain, ChainHealth } from './create-chain.js';
import { pause } from '../support/concurrency.js';

export interface WaitForChainOptions {
  readonly signal?: AbortSignal;
  /** Throws the last error after this long, in milliseconds. */
  readonly timeoutMs?: number;
}

const POLL_MS = 50;

/** Waits until the chain answers, and answers with the right id. */
export async function waitForChain(chain: Chain, options: WaitForChainOptions = {}): Promise<ChainHealth> {
  const giveUpAt = performance.now() + (options.timeoutMs ?? Infinity);
  for (;;) {
    try {
      return await chain.health();
    } catch (error) {
      if (!isDomainError(error, 'RpcUnavailable') || performance.now() > giveUpAt) throw error;
    }
    await pause(POLL_MS, options.signal);
  }
}
