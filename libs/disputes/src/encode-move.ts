import { disputeGameAbi } from '@openimo/contracts';
import {
  encodeReads,
  MerkleTree,
  tensorTree,
  toHex,
  type CommittedModel,
  type DisputeState,
  type ElementProof,
  type Hash,
  type ModelCommitment,
  type Move,
  type NodeProof,
  type PickMove,
  type PostTrace,
} from '@openimo/donnx';
import { encodeFunctionData, type Address, type ContractFunctionArgs, type ContractFunctionName, type Hex } from 'viem';
import type { Answer, TensorsAnswer } from './answer.js';
import { disputeId, type Subject } from './subject.js';

/** A trace as it was posted: moves name it again. */
export interface PostedTrace {
  readonly root: Hash;
  /** Time of the block in which it was posted, in seconds. */
  readonly postedAt: bigint;
}

/** Which dispute a move is made in. */
export interface DisputeContext {
  readonly subject: Subject;
  readonly challenger: Address;
  /** The disputed one: a trace is posted with what shows that the item or step is part of it. */
  readonly answer: Answer;
  readonly model: CommittedModel;
  /** Undefined before it was posted; only `postTrace`, `reveal`, `revealChunk` and picks of chunks do without it. */
  readonly trace?: PostedTrace | undefined;
}

/**
 * A move as calldata of `DisputeGame`. The operator sends `postTrace`, the challenger `pick`, `prove` and `proveDirect`; who
 * sends reveals does not matter.
 *
 * @param state Before the move: whether a pick is of a step or of a chunk.
 */
export function encodeMove(context: DisputeContext, state: Pick<DisputeState, 'node'>, move: Move): Hex {
  const { subject, challenger, model } = context;
  switch (move.kind) {
    case 'postTrace':
      return encodePostTrace(context, move);
    case 'pick':
      return state.node === undefined
        ? encode('pickStep', [subject, traceOf(context), pickOf(move), stepOf(move.node)])
        : encode('pickChunk', [subject, pickOf(move)]);
    case 'reveal':
      return encode('reveal', [disputeId(subject, challenger), move.children.map(toHex)]);
    case 'revealChunk':
      return encode('revealChunk', [subject, challenger, toHex(move.chunk)]);
    case 'prove': {
      // On-chain only the step's number is kept, so a proof says again what the step computes.
      const id = state.node!.id;
      const step = { descriptor: model.descriptors[id]!, path: model.graphTree.path(id) };
      return encode('prove', [subject, traceOf(context), stepOf(step), elementOf(move.proof)]);
    }
    case 'proveDirect': {
      const { nodeId, chunkIndex, path, node, proof } = move;
      const place = [BigInt(nodeId), BigInt(chunkIndex), path.map(toHex)] as const;
      return encode('proveDirect', [subject, traceOf(context), ...place, stepOf(node), elementOf(proof)]);
    }
  }
}

function encode<const name extends ContractFunctionName<typeof disputeGameAbi, 'nonpayable'>>(
  functionName: name,
  args: ContractFunctionArgs<typeof disputeGameAbi, 'nonpayable', name>,
): Hex {
  return encodeFunctionData({ abi: disputeGameAbi, functionName, args } as never);
}

function encodePostTrace({ subject, answer, model }: DisputeContext, move: PostTrace): Hex {
  const proof = {
    root: toHex(move.traceRoot),
    inputPath: move.inputPath.map(toHex),
    outputPath: move.outputPath.map(toHex),
    children: move.children.map(toHex),
  };
  const posted = [subject, modelOf(model.commitment), proof] as const;
  if (answer.kind === 'text') {
    return encode('postStepTrace', [...posted, toHex(answer.prompt), toHex(answer.output)]);
  }
  if (answer.inputs.length === 1) return encode('postTrace', posted);
  return encode('postItemTrace', [...posted, itemOf(answer, subject.item)]);
}

/** An item of a batch, and its place in the tree over all items: `IDisputeGame.Item`. */
export function itemOf({ inputs, outputs }: TensorsAnswer, item: number) {
  const inputTree = new MerkleTree(inputs.map((input) => tensorTree(input).root));
  const outputTree = new MerkleTree(outputs.map((output) => tensorTree(output).root));
  return {
    inputRoot: toHex(inputTree.node(0, item)),
    outputRoot: toHex(outputTree.node(0, item)),
    inputPath: inputTree.path(item).map(toHex),
    outputPath: outputTree.path(item).map(toHex),
  };
}

function traceOf({ trace, model }: DisputeContext) {
  if (trace === undefined) throw new TypeError('This move names the posted trace, and none was posted.');
  return { root: toHex(trace.root), postedAt: trace.postedAt, model: modelOf(model.commitment) };
}

/** `IDisputeGame.Model`. */
export type ModelArgument = ReturnType<typeof modelOf>;

/** A model as `IDisputeGame.Model`. */
export function modelOf(commitment: ModelCommitment) {
  return {
    graphRoot: toHex(commitment.graphRoot),
    constRoot: toHex(commitment.constRoot),
    nodesHeight: BigInt(commitment.nodesHeight),
    constantsHeight: BigInt(commitment.constantsHeight),
    nodeCount: BigInt(commitment.nodeCount),
    outNode: BigInt(commitment.outNode),
    inputBytes: BigInt(commitment.inputBytes),
    outputBytes: BigInt(commitment.outputBytes),
    fileHash: toHex(commitment.fileHash),
  };
}

function pickOf({ child, index, path }: PickMove) {
  return { child: toHex(child), index: BigInt(index), path: path.map(toHex) };
}

function stepOf(node: NodeProof | undefined) {
  if (node === undefined) return { descriptor: '0x', path: [] } as const;
  return { descriptor: toHex(node.descriptor), path: node.path.map(toHex) };
}

function elementOf({ chunk, element, hint, reads }: ElementProof) {
  return { chunk: toHex(chunk), element: BigInt(element), hint: BigInt(hint), reads: toHex(encodeReads(reads)) };
}
