import { BaseError } from 'viem';

/**
 * What a node's answer to eth_sendRawTransaction means. Nodes agree on words more than on codes; the words are those of geth,
 * reth, Erigon, Nethermind, Besu and anvil.
 */
export type BroadcastOutcome =
  /** It has the transaction. */
  | 'accepted'
  /** The nonce is used: by this transaction, or by another. */
  | 'nonceTooLow'
  /** Another version of this nonce offers as much. */
  | 'underpriced'
  /** Below the base fee, or below what the node asks for. */
  | 'feeTooLow'
  | 'insufficientFunds'
  /** No node will ever take these bytes. */
  | 'invalid'
  /** Anything else: try again. */
  | 'unknown';

const WORDS: readonly (readonly [RegExp, BroadcastOutcome])[] = [
  [/already known|already imported|known transaction|transaction already (exists|in)|AlreadyKnown/i, 'accepted'],
  [/nonce too low|nonce is too low|OldNonce|invalid nonce; got \d+, expected/i, 'nonceTooLow'],
  [
    /replacement transaction underpriced|replacement.*(underpriced|gas price too low)|ReplacementNotAllowed/i,
    'underpriced',
  ],
  [/insufficient funds|insufficient balance|InsufficientFunds|lower than the balance/i, 'insufficientFunds'],
  [
    /(max ?fee|fee cap|gas price|FeeTooLow|max fee per gas).*(less than|below|lower|too low)|transaction underpriced|FeeTooLow/i,
    'feeTooLow',
  ],
  [
    /intrinsic gas too (low|high)|exceeds block gas limit|gas limit (is )?too high|exceeds maximum|initcode size|oversized data|invalid sender|invalid chain id|type not supported|gas floor|gas uint64 overflow|insufficient gas for floor/i,
    'invalid',
  ],
];

export function broadcastOutcome(error: unknown): BroadcastOutcome {
  const text = messagesOf(error);
  return WORDS.find(([words]) => words.test(text))?.[1] ?? 'unknown';
}

/** viem's summaries are left out: they paraphrase, and differently per version. */
function messagesOf(error: unknown): string {
  const messages: string[] = [];
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    messages.push(at instanceof BaseError ? (at.details ?? '') : at.message);
  }
  return messages.join('\n');
}
