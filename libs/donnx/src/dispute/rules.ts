import type { ModelCommitment } from '../commit/commit-model.js';
import { decodeDescriptor, type Descriptor } from '../commit/descriptor.js';
import { equalBytes, hashLeaf, ZERO_HASH, type Hash } from '../commit/hash.js';
import { MerkleTree, rootOfRange } from '../commit/merkle-tree.js';
import { chunkCount } from '../commit/tensor-tree.js';
import { refuse } from '../error/refuse.js';
import { stepBytes } from '../model/step-graph.js';
import { advance, hasLength, revealedLevels, type DisputeState, type Phase } from './advance.js';
import { isWrong } from './judge.js';
import type { Move, NodeProof, Pick, PostTrace, ProveDirect, Prove, Reveal } from './moves.js';

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
  checkMove(model, state, move);
  return advance(model, state, move);
}

function checkMove(model: ModelCommitment, state: DisputeState, move: Move): void {
  switch (move.kind) {
    case 'postTrace':
      expectPhase(state, 'AwaitTrace');
      return checkTrace(model, state, move);
    case 'pick':
      expectPhase(state, 'AwaitPick');
      return checkPick(model, state, move);
    case 'reveal':
      expectPhase(state, 'AwaitReveal');
      return checkReveal(state, move);
    case 'revealChunk':
      expectPhase(state, 'AwaitChunk');
      return expectRoot(hashLeaf(move.chunk), state.cursor, 'chunk');
    case 'prove':
      expectPhase(state, 'AwaitProof');
      return checkProof(model, state, move);
    case 'proveDirect':
      return checkDirectProof(model, state, move);
  }
}

function expectPhase(state: DisputeState, phase: Phase): void {
  if (state.phase !== phase) refuse('MoveNotAllowed', `The dispute is in ${state.phase}, not in ${phase}.`);
}

function checkTrace(model: ModelCommitment, state: DisputeState, move: PostTrace): void {
  const { nodesHeight, outNode } = model;
  expectRoot(rootOfRange([state.inputRoot], 0, nodesHeight, move.inputPath), move.traceRoot, 'input');
  expectRoot(rootOfRange([state.outputRoot], outNode, nodesHeight, move.outputPath), move.traceRoot, 'output');
  checkReveal(advance(model, state, move), move);
}

function checkReveal(state: DisputeState, { children }: Reveal | PostTrace): void {
  if (children.length !== 2 ** revealedLevels(state))
    refuse('MoveNotAllowed', 'The reveal has another number of children.');
  expectRoot(new MerkleTree(children).root, state.cursor, 'reveal');
}

function checkPick(model: ModelCommitment, state: DisputeState, move: Pick): void {
  const down = revealedLevels(state);
  expectRoot(rootOfRange([move.child], move.index, down, move.path), state.cursor, 'pick');
  if (state.level > down) return;
  const position = state.position * 2 ** down + move.index;
  const leaves = state.node === undefined ? model.nodeCount : chunkCount(stepBytes(state.node.descriptor));
  if (position >= leaves) return checkPadding(move.child);
  if (state.node === undefined) checkReached(model, position, move.node);
}

/** Beyond the last leaf there are zero words only: anything else is a malformed commitment, which loses at once. */
function checkPadding(child: Hash): void {
  if (equalBytes(child, ZERO_HASH)) refuse('MoveNotAllowed', 'There is nothing to dispute in the padding.');
}

function checkReached(model: ModelCommitment, id: number, proof: NodeProof | undefined): void {
  if (id === 0) refuse('MoveNotAllowed', 'Node 0 is the input, which was checked when the trace was posted.');
  if (proof === undefined) refuse('MoveNotAllowed', 'A pick that reaches a node says what the node computes.');
  checkNode(model, id, proof);
}

function checkNode(
  { graphRoot, nodesHeight }: ModelCommitment,
  id: number,
  { descriptor, path }: NodeProof,
): Descriptor {
  expectRoot(rootOfRange([hashLeaf(descriptor)], id, nodesHeight, path), graphRoot, 'descriptor');
  return decodeDescriptor(descriptor);
}

function checkProof(model: ModelCommitment, state: DisputeState, { proof }: Prove): void {
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
}

function checkDirectProof(model: ModelCommitment, state: DisputeState, move: ProveDirect): void {
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
}

function expectRoot(root: Hash, expected: Hash, what: string): void {
  if (!equalBytes(root, expected)) refuse('ProofInvalid', `The ${what} is not under the root that it claims.`);
}
