import type { EncodedMove } from '@openimo/disputes';
import type { Hex } from 'viem';

/**
 * What was read from the chain or follows from it, as long as the chain does not move back. Then another takes its place, so that
 * what is being worked out meanwhile is written down where nobody looks.
 */
export class Known {
  /** Looked at again only when the chain moves back. */
  readonly ended = new Set<Hex>();
  /** Who gave the answers that are disputed. */
  readonly defendants = new Map<string, Hex>();
  /** What a side of ours has to say at its ply. */
  readonly played = new Map<Hex, { readonly ply: string; readonly move: EncodedMove | undefined }>();
}
