import type { ModelCommitment } from '../commit/commit-model.js';
import { decodeDescriptor, type Descriptor } from '../commit/descriptor.js';
import type { Hash } from '../commit/hash.js';
import { CHUNK_BYTES, chunkCount } from '../commit/tensor-tree.js';
import { stepBytes } from '../model/step-graph.js';
import { REVEAL_DEPTH, type Move, type Pick as PickMove } from './moves.js';

export type Phase = 'AwaitTrace' | 'AwaitPick' | 'AwaitReveal' | 'AwaitChunk' | 'AwaitProof' | 'OperatorLost';

/** What the contract knows of a dispute. Whoever lets the time of his phase run out has lost; clocks are not in here. */
export interface DisputeState {
  readonly phase: Phase;
  readonly inputRoot: Hash;
  readonly outputRoot: Hash;
  readonly traceRoot: Hash;
  /** The subtree in question: its root, its height, and its position among the subtrees of that height. */
  readonly cursor: Hash;
  readonly level: number;
  readonly position: number;
  /** Set once the node in question is known; the cursor is then within its tensor. */
  readonly node?: { readonly id: number; readonly descriptor: Descriptor };
}

/**
 * The state after a move that was made: by the rules, or on a chain that has checked it. It looks at no proofs, so a chain's
 * events are enough to follow it.
 */
export function advance(model: ModelCommitment, state: DisputeState, move: Move): DisputeState {
  switch (move.kind) {
    case 'postTrace':
      return {
        ...state,
        ...{ phase: 'AwaitPick', traceRoot: move.traceRoot, cursor: move.traceRoot, level: model.nodesHeight },
      };
    case 'pick':
      return descend(model, state, move);
    case 'reveal':
      return { ...state, phase: 'AwaitPick' };
    case 'revealChunk': {
      const { descriptor } = state.node as NonNullable<DisputeState['node']>;
      return { ...state, phase: hasLength(move.chunk, descriptor, state.position) ? 'AwaitProof' : 'OperatorLost' };
    }
    case 'prove':
    case 'proveDirect':
      return { ...state, phase: 'OperatorLost' };
  }
}

function descend({ nodeCount }: ModelCommitment, state: DisputeState, { child, index, node }: PickMove): DisputeState {
  const down = revealedLevels(state);
  const position = state.position * 2 ** down + index;
  const picked = { ...state, cursor: child, level: state.level - down, position };
  if (picked.level > 0) return { ...picked, phase: 'AwaitReveal' };
  if (state.node !== undefined) {
    const isPadding = position >= chunkCount(stepBytes(state.node.descriptor));
    return { ...picked, phase: isPadding ? 'OperatorLost' : 'AwaitChunk' };
  }
  if (position >= nodeCount) return { ...picked, phase: 'OperatorLost' };
  const descriptor = decodeDescriptor((node as NonNullable<typeof node>).descriptor);
  const inTensor = { ...picked, node: { id: position, descriptor }, level: descriptor.height, position: 0 };
  return { ...inTensor, phase: descriptor.height === 0 ? 'AwaitChunk' : 'AwaitReveal' };
}

/** Levels that the next reveal goes down: as few reveals as `REVEAL_DEPTH` allows, and these as even as can be. */
export function revealedLevels({ level }: Readonly<{ level: number }>): number {
  return level === 0 ? 0 : Math.ceil(level / Math.ceil(level / REVEAL_DEPTH));
}

/** Whether a chunk is as long as the one at `index` of what a step gives. */
export function hasLength(chunk: Uint8Array, descriptor: Descriptor, index: number): boolean {
  return chunk.length === Math.min(CHUNK_BYTES, stepBytes(descriptor) - index * CHUNK_BYTES);
}
