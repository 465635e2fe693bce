import type { Hash } from '../commit/hash.js';

/** Most levels that a reveal goes down: 2^6 children. */
export const REVEAL_DEPTH = 6;

/**
 * One operand read of a proof: whole chunks and their place in the operand's tree and that tree's in its own. Which operand
 * and which chunks follows from the step and the element.
 */
export interface ProvenRead {
  /** The chunks' bytes one after another; only the tensor's last chunk is shorter than 256 bytes. */
  readonly data: Uint8Array;
  /** From the chunks to the tensor's root. */
  readonly siblings: readonly Hash[];
  /** From the tensor's root to the trace root or the root of the constants. */
  readonly outer: readonly Hash[];
}

/** That one element of a revealed chunk is wrong. */
export interface ElementProof {
  readonly chunk: Uint8Array;
  /** Position within the chunk, in elements. */
  readonly element: number;
  /** In the order in which the step's meaning reads. */
  readonly reads: readonly ProvenRead[];
  /** ArgMax: the right position. Otherwise 0. */
  readonly hint: number;
}

export interface NodeProof {
  readonly descriptor: Uint8Array;
  /** From the descriptor's leaf to the graph root. */
  readonly path: readonly Hash[];
}

export interface PostTrace {
  readonly kind: 'postTrace';
  readonly traceRoot: Hash;
  /** From the asserted input's and output's roots to the trace root. */
  readonly inputPath: readonly Hash[];
  readonly outputPath: readonly Hash[];
  readonly children: readonly Hash[];
}

export interface Pick {
  readonly kind: 'pick';
  readonly child: Hash;
  readonly index: number;
  /** From the child to the cursor. */
  readonly path: readonly Hash[];
  /** On reaching a node: what it computes. */
  readonly node?: NodeProof;
}

export interface Reveal {
  readonly kind: 'reveal';
  readonly children: readonly Hash[];
}

export interface RevealChunk {
  readonly kind: 'revealChunk';
  readonly chunk: Uint8Array;
}

export interface Prove {
  readonly kind: 'prove';
  readonly proof: ElementProof;
}

/** The whole dispute in one move, by who knows the operator's trace. */
export interface ProveDirect {
  readonly kind: 'proveDirect';
  readonly nodeId: number;
  readonly chunkIndex: number;
  /** From the chunk's leaf to the tensor's root, then to the trace root. */
  readonly path: readonly Hash[];
  readonly node: NodeProof;
  readonly proof: ElementProof;
}

export type OperatorMove = PostTrace | Reveal | RevealChunk;
export type ChallengerMove = Pick | Prove | ProveDirect;
export type Move = OperatorMove | ChallengerMove;
