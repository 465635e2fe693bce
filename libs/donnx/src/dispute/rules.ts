import type { ModelCommitment } from '../commit/commit-model.js';
import { decodeDescriptor, type Descriptor } from '../commit/descriptor.js';
import { equalBytes, hashLeaf, ZERO_HASH, type Hash } from '../commit/hash.js';
import { MerkleTree, rootOfRange } from '../commit/merkle-tree.js';
import { CHUNK_BYTES, chunkCount } from '../commit/tensor-tree.js';
import { refuse } from '../error/refuse.js';
import { stepBytes } from '../model/step-graph.js';
import { isWrong } from './judge.js';
import {
  REVEAL_DEPTH,
  type Move,
  type NodeProof,
  type Pick,
  type PostTrace,
  type ProveDirect,
  type Prove,
  type Reveal,
  type RevealChunk,
} from './moves.js';

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

/** A dispute right after the challenge. */
export function openDispute(inputRoot: Hash, outputRoot: Hash): DisputeState {
  return { phase: 'AwaitTrace', inputRoot, outputRoot, traceRoot: ZERO_HASH, cursor: ZERO_HASH, level: 0, position: 0 };
}

/** Whose clock runs; undefined when the dispute is decided. */
export function turnOf({ phase }: DisputeState): 'operator' | 'challenger' | undefined {
  if (phase === 'OperatorLost') return undefined;
  return phase === 'AwaitPick' || phase === 'AwaitProof' ? 'challenger' : 'operator';
}

/** The state after a move; refuses moves that the rules do not allow or that their proofs do not bear out. */
export function applyMove(model: ModelCommitment, state: DisputeState, move: Move): DisputeState {
  switch (move.kind) {
    case 'postTrace':
      return postTrace(model, expectPhase(state, 'AwaitTrace'), move);
    case 'pick':
      return pick(model, expectPhase(state, 'AwaitPick'), move);
    case 'reveal':
      return reveal(expectPhase(state, 'AwaitReveal'), move);
    case 'revealChunk':
      return revealChunk(expectPhase(state, 'AwaitChunk'), move);
    case 'prove':
      return prove(model, expectPhase(state, 'AwaitProof'), move);
    case 'proveDirect':
      return proveDirect(model, state, move);
  }
}

function expectPhase(state: DisputeState, phase: Phase): DisputeState {
  if (state.phase !== phase) refuse('MoveNotAllowed', `The dispute is in ${state.phase}, not in ${phase}.`);
  return state;
}

function postTrace(model: ModelCommitment, state: DisputeState, move: PostTrace): DisputeState {
  const { nodesHeight, outNode } = model;
  expectRoot(rootOfRange([state.inputRoot], 0, nodesHeight, move.inputPath), move.traceRoot, 'input');
  expectRoot(rootOfRange([state.outputRoot], outNode, nodesHeight, move.outputPath), move.traceRoot, 'output');
  const posted = { ...state, traceRoot: move.traceRoot, cursor: move.traceRoot, level: nodesHeight };
  return reveal(posted, { kind: 'reveal', children: move.children });
}

function reveal(state: DisputeState, { children }: Reveal): DisputeState {
  if (children.length !== 2 ** revealedLevels(state))
    refuse('MoveNotAllowed', 'The reveal has another number of children.');
  expectRoot(new MerkleTree(children).root, state.cursor, 'reveal');
  return { ...state, phase: 'AwaitPick' };
}

/** Levels that the next reveal goes down: as few reveals as `REVEAL_DEPTH` allows, and these as even as can be. */
export function revealedLevels({ level }: Readonly<{ level: number }>): number {
  return level === 0 ? 0 : Math.ceil(level / Math.ceil(level / REVEAL_DEPTH));
}

function pick(model: ModelCommitment, state: DisputeState, move: Pick): DisputeState {
  const down = revealedLevels(state);
  expectRoot(rootOfRange([move.child], move.index, down, move.path), state.cursor, 'pick');
  const picked = {
    ...state,
    cursor: move.child,
    level: state.level - down,
    position: state.position * 2 ** down + move.index,
  };
  if (picked.level > 0) return { ...picked, phase: 'AwaitReveal' };
  return state.node === undefined ? reachNode(model, picked, move.node) : reachChunk(picked, state.node.descriptor);
}

function reachNode(model: ModelCommitment, state: DisputeState, proof: NodeProof | undefined): DisputeState {
  const id = state.position;
  if (id >= model.nodeCount) return paddingReached(state);
  if (id === 0) refuse('MoveNotAllowed', 'Node 0 is the input, which was checked when the trace was posted.');
  if (proof === undefined) refuse('MoveNotAllowed', 'A pick that reaches a node says what the node computes.');
  const descriptor = checkNode(model, id, proof);
  const inTensor = { ...state, node: { id, descriptor }, level: descriptor.height, position: 0 };
  return { ...inTensor, phase: descriptor.height === 0 ? 'AwaitChunk' : 'AwaitReveal' };
}

function reachChunk(state: DisputeState, descriptor: Descriptor): DisputeState {
  if (state.position >= chunkCount(stepBytes(descriptor))) return paddingReached(state);
  return { ...state, phase: 'AwaitChunk' };
}

/** Beyond the last leaf there are zero words only: anything else is a malformed commitment, which loses at once. */
function paddingReached(state: DisputeState): DisputeState {
  if (equalBytes(state.cursor, ZERO_HASH)) refuse('MoveNotAllowed', 'There is nothing to dispute in the padding.');
  return { ...state, phase: 'OperatorLost' };
}

function checkNode(
  { graphRoot, nodesHeight }: ModelCommitment,
  id: number,
  { descriptor, path }: NodeProof,
): Descriptor {
  expectRoot(rootOfRange([hashLeaf(descriptor)], id, nodesHeight, path), graphRoot, 'descriptor');
  return decodeDescriptor(descriptor);
}

function revealChunk(state: DisputeState, { chunk }: RevealChunk): DisputeState {
  expectRoot(hashLeaf(chunk), state.cursor, 'chunk');
  const { descriptor } = state.node as NonNullable<DisputeState['node']>;
  return { ...state, phase: hasLength(chunk, descriptor, state.position) ? 'AwaitProof' : 'OperatorLost' };
}

function hasLength(chunk: Uint8Array, descriptor: Descriptor, index: number): boolean {
  return chunk.length === Math.min(CHUNK_BYTES, stepBytes(descriptor) - index * CHUNK_BYTES);
}

function prove(model: ModelCommitment, state: DisputeState, { proof }: Prove): DisputeState {
  const { id, descriptor } = state.node as NonNullable<DisputeState['node']>;
  expectRoot(hashLeaf(proof.chunk), state.cursor, 'chunk');
  const evidence = {
    commitment: model,
    traceRoot: state.traceRoot,
    nodeId: id,
    descriptor,
    chunkIndex: state.position,
  };
  if (!isWrong(evidence, proof)) refuse('ProofInvalid', 'The operator was right about this element.');
  return { ...state, phase: 'OperatorLost' };
}

function proveDirect(model: ModelCommitment, state: DisputeState, move: ProveDirect): DisputeState {
  if (state.phase === 'AwaitTrace' || state.phase === 'OperatorLost') {
    refuse('MoveNotAllowed', `The dispute is in ${state.phase}; a direct proof needs a posted trace.`);
  }
  const { nodeId, chunkIndex, proof } = move;
  if (nodeId < 1 || nodeId >= model.nodeCount) refuse('MoveNotAllowed', `There is no computed node ${nodeId}.`);
  const descriptor = checkNode(model, nodeId, move.node);
  if (chunkIndex < 0 || chunkIndex >= chunkCount(stepBytes(descriptor)))
    refuse('MoveNotAllowed', 'There is no such chunk.');
  const inner = move.path.slice(0, descriptor.height);
  const tensorRoot = rootOfRange([hashLeaf(proof.chunk)], chunkIndex, descriptor.height, inner);
  const root = rootOfRange([tensorRoot], nodeId, model.nodesHeight, move.path.slice(descriptor.height));
  expectRoot(root, state.traceRoot, 'chunk');
  const evidence = { commitment: model, traceRoot: state.traceRoot, nodeId, descriptor, chunkIndex };
  if (hasLength(proof.chunk, descriptor, chunkIndex) && !isWrong(evidence, proof)) {
    refuse('ProofInvalid', 'The operator was right about this element.');
  }
  return { ...state, phase: 'OperatorLost' };
}

function expectRoot(root: Hash, expected: Hash, what: string): void {
  if (!equalBytes(root, expected)) refuse('ProofInvalid', `The ${what} is not under the root that it claims.`);
}
