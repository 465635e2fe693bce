import { constantBytes } from '../model/execute.js';
import { stepBytes, type StepGraph } from '../model/step-graph.js';
import type { Step } from '../steps/step.js';
import { describeStep, encodeDescriptor } from './descriptor.js';
import { hashLeaf, keccak, ZERO_HASH, type Hash } from './hash.js';
import { MerkleTree } from './merkle-tree.js';
import { tensorTree } from './tensor-tree.js';

/** Changes whenever the meaning of any committed byte does. */
export const PROFILE_VERSION = 1;

/** What a model is on-chain. Its hash is the model root. */
export interface ModelCommitment {
  readonly profileVersion: number;
  readonly graphRoot: Hash;
  readonly constRoot: Hash;
  /** Height of the graph's tree and of every trace's. */
  readonly nodesHeight: number;
  readonly constantsHeight: number;
  readonly nodeCount: number;
  readonly outNode: number;
  readonly inputBytes: number;
  readonly outputBytes: number;
  /** sha256 of the ONNX file. */
  readonly fileHash: Hash;
}

/** A commitment and the trees behind it, for proofs. */
export interface CommittedModel {
  readonly graph: StepGraph;
  readonly commitment: ModelCommitment;
  readonly modelRoot: Hash;
  readonly descriptors: readonly Uint8Array[];
  readonly graphTree: MerkleTree;
  /** Trees over each constant's bytes, and over their roots; undefined without constants. */
  readonly constants: readonly Uint8Array[];
  readonly constantTrees: readonly MerkleTree[];
  readonly constTree: MerkleTree | undefined;
}

/** Commits a model: its descriptors, its constants, the shapes of the trees and the file they come from. */
export function commitModel(graph: StepGraph, fileHash: Hash): CommittedModel {
  const descriptors = graph.steps.map((_, id) => encodeDescriptor(describeStep(graph, id)));
  const graphTree = new MerkleTree(descriptors.map(hashLeaf));
  const constants = constantBytes(graph);
  const constantTrees = constants.map(tensorTree);
  const constTree = constantTrees.length > 0 ? new MerkleTree(constantTrees.map(({ root }) => root)) : undefined;
  const commitment: ModelCommitment = {
    profileVersion: PROFILE_VERSION,
    graphRoot: graphTree.root,
    constRoot: constTree?.root ?? ZERO_HASH,
    nodesHeight: graphTree.height,
    constantsHeight: constTree?.height ?? 0,
    nodeCount: graph.steps.length,
    outNode: graph.outNode,
    inputBytes: stepBytes(graph.steps[0] as Step),
    outputBytes: stepBytes(graph.steps[graph.outNode] as Step),
    fileHash,
  };
  const modelRoot = modelRootOf(commitment);
  return { graph, commitment, modelRoot, descriptors, graphTree, constants, constantTrees, constTree };
}

/** keccak256 of ten words, as Solidity's abi.encode writes them. */
export function modelRootOf(commitment: ModelCommitment): Hash {
  const { profileVersion, graphRoot, constRoot, nodesHeight, constantsHeight } = commitment;
  const { nodeCount, outNode, inputBytes, outputBytes, fileHash } = commitment;
  const words = [
    word(profileVersion),
    graphRoot,
    constRoot,
    word(nodesHeight),
    word(constantsHeight),
    word(nodeCount),
    word(outNode),
    word(inputBytes),
    word(outputBytes),
    fileHash,
  ];
  const bytes = new Uint8Array(32 * words.length);
  words.forEach((value, at) => bytes.set(value, 32 * at));
  return keccak(bytes);
}

function word(value: number): Uint8Array {
  const bytes = new Uint8Array(32);
  new DataView(bytes.buffer).setUint32(28, value);
  return bytes;
}
