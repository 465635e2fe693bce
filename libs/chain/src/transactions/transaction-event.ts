import type { Hex } from '@openimo/domain';
import type { BroadcastOutcome } from './broadcast-outcome.js';

/** What happened to one transaction. */
export interface TransactionStep {
  readonly type:
    | 'prepared'
    | 'broadcast'
    /** Signed again with other fees, or to send nothing. */
    | 'replaced'
    /** Its nonce was used elsewhere; it has another. */
    | 'renumbered'
    | 'mined'
    | 'reorged'
    | 'confirmed'
    | 'failed'
    | 'cancelled';
  readonly key: string;
  readonly nonce: number;
  readonly hash: Hex;
}

/** For logs and metrics. */
export type TransactionEvent =
  | TransactionStep
  | {
      readonly type: 'refused';
      readonly key: string;
      readonly nonce: number;
      readonly outcome: BroadcastOutcome;
      readonly detail: string;
    }
  /** Something is down; it is tried again. */
  | { readonly type: 'trouble'; readonly error: unknown }
  | { readonly type: 'stopped'; readonly error: unknown };
