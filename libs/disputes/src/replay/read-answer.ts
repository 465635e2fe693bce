import { type Chain, searchBack } from '@openimo/chain';
import { type Deployment, inferenceOracleAbi, modelRegistryAbi } from '@openimo/contracts';
import { equalBytes, fromHex, MerkleTree, tensorTree } from '@openimo/donnx';
import { type Address, DomainError, type Hex } from '@openimo/domain';
import { hexToBytes, zeroHash } from 'viem';
import type { Answer } from '../answer.js';
import type { Subject } from '../subject.js';

export type ReadAnswerErrorCode =
  /** The oracle has no such request. */
  | 'UnknownRequest'
  /** The request has no answer yet, or not that many. data: { answers } */
  | 'NotAnswered'
  /** The answer is not in the block it was seen in: a reorganisation took it. */
  | 'AnswerGone'
  /** What the RPC says does not fit together; retryable */
  | 'ChainInconsistent';

/** One answer as the chain has it, with what was asked. */
export interface AssertedAnswer {
  readonly requestId: bigint;
  /** Counts the request's answers from 1. */
  readonly round: number;
  readonly operator: Address;
  /** End of its dispute window, seconds of chain time. */
  readonly finalAt: number;
  readonly blockNumber: bigint;
  readonly blockHash: Hex;
  readonly version: DisputedVersion;
  readonly answer: Answer;
}

/** Of a version, what its answers are judged by. */
export interface DisputedVersion {
  readonly versionId: bigint;
  readonly fileHash: Hex;
  /** Undefined where the file was not lowered to the bit-exact profile: then no answer can be disputed. */
  readonly modelRoot: Hex | undefined;
}

export interface WhichAnswer {
  readonly requestId: bigint;
  /** From 1. Default: the newest. */
  readonly round?: number | undefined;
  /** The block it was seen in, where that is known. Default: wherever it is now. */
  readonly blockHash?: Hex | undefined;
}

type Client = Pick<Chain['client'], 'readContract' | 'getContractEvents' | 'getBlockNumber'>;

/** What a dispute about an item of an answer names. */
export function subjectOf({ requestId, round }: Pick<AssertedAnswer, 'requestId' | 'round'>, item: number): Subject {
  return { requestId, round: round - 1, item };
}

/**
 * Reads an answer from the chain: the request's input from its event, the outputs from the assertion's, both compared with the
 * roots that the oracle keeps.
 *
 * @throws DomainError `ReadAnswerErrorCode`
 */
export async function readAnswer(client: Client, deployment: Deployment, which: WhichAnswer): Promise<AssertedAnswer> {
  const { requestId } = which;
  const oracle = { address: deployment.addresses.inferenceOracle, abi: inferenceOracleAbi } as const;
  const request = await client.readContract({ ...oracle, functionName: 'request', args: [requestId] });
  if (request.status === 0) throw unknownRequest(requestId);
  const asserted = await findAssertion(client, deployment, which);
  const { round, operator, finalAt, outputs, outputRoot, versionId } = asserted.args;

  const toBlock = asserted.blockNumber;
  const [asked] = await searchBack(
    (range) => client.getContractEvents({ ...oracle, eventName: 'AICallbackRequest', args: { requestId }, ...range }),
    { fromBlock: deployment.startBlock, toBlock },
  );
  const input = hexToBytes(asked?.args.input ?? '0x');
  const inputs = itemsOf(input, Number(request.batchSize));
  const outputBytes = outputs!.map((output) => hexToBytes(output));
  if (asked === undefined || !hasRoot(inputs, request.inputRoot) || !hasRoot(outputBytes, outputRoot!)) {
    throw inconsistent(requestId);
  }

  const version = await client.readContract({
    address: deployment.addresses.modelRegistry,
    abi: modelRegistryAbi,
    functionName: 'version',
    args: [versionId!],
  });
  const { context, maxOutput: mostNewBytes } = version.io;
  return {
    requestId,
    round: round!,
    operator: operator!,
    finalAt: Number(finalAt!),
    blockNumber: asserted.blockNumber,
    blockHash: asserted.blockHash,
    version: {
      versionId: versionId!,
      fileHash: version.fileHash.toLowerCase() as Hex,
      modelRoot: version.modelRoot === zeroHash ? undefined : version.modelRoot,
    },
    answer:
      context === 0
        ? { kind: 'tensors', outputRoot: outputRoot!, inputs, outputs: outputBytes }
        : { kind: 'text', outputRoot: outputRoot!, prompt: input, output: outputBytes[0]!, mostNewBytes, context },
  };
}

async function findAssertion(client: Client, deployment: Deployment, { requestId, round, blockHash }: WhichAnswer) {
  const oracle = { address: deployment.addresses.inferenceOracle, abi: inferenceOracleAbi } as const;
  const wanted = { ...oracle, eventName: 'OutputAsserted', args: { requestId } } as const;
  const isIt = (event: { args: { round?: number } }) => round === undefined || event.args.round === round;
  if (blockHash !== undefined) {
    const events = await client.getContractEvents({ ...wanted, blockHash });
    const event = events.findLast(isIt);
    if (event === undefined) throw gone(requestId, blockHash);
    return event;
  }
  const { round: answers } = await client.readContract({ ...oracle, functionName: 'assertion', args: [requestId] });
  if (answers < Math.max(1, round ?? 1)) throw notAnswered(requestId, answers, round);
  const found = await searchBack(
    async (range) => (await client.getContractEvents({ ...wanted, ...range })).filter(isIt),
    { fromBlock: deployment.startBlock, toBlock: await client.getBlockNumber() },
  );
  const event = found.at(-1);
  if (event === undefined) throw inconsistent(requestId);
  return event;
}

/** `batchSize` equal parts, one after another. The oracle has checked that they are. */
function itemsOf(input: Uint8Array, batchSize: number): Uint8Array[] {
  const size = input.length / batchSize;
  return Array.from({ length: batchSize }, (_, item) => input.subarray(item * size, (item + 1) * size));
}

/** Whether this is the oracle's root of `items`: of a batch, the tree over the roots of its items. */
function hasRoot(items: readonly Uint8Array[], root: Hex): boolean {
  const trees = items.map(tensorTree);
  const over = trees.length === 1 ? trees[0]! : new MerkleTree(trees.map((tree) => tree.root));
  return equalBytes(over.root, fromHex(root));
}

function unknownRequest(requestId: bigint): DomainError<ReadAnswerErrorCode> {
  return new DomainError('UnknownRequest', `The oracle has no request ${requestId}. Its ids are in RequestOpened.`, {
    data: { requestId },
  });
}

function notAnswered(requestId: bigint, answers: number, round?: number): DomainError<ReadAnswerErrorCode> {
  const message =
    round === undefined
      ? `Request ${requestId} has no answer yet. Try again once an operator has answered it.`
      : `Request ${requestId} has ${answers} ${answers === 1 ? 'answer' : 'answers'} so far, and none numbered ${round}.`;
  return new DomainError('NotAnswered', message, { data: { requestId, answers, round } });
}

function gone(requestId: bigint, blockHash: Hex): DomainError<ReadAnswerErrorCode> {
  return new DomainError(
    'AnswerGone',
    `The answer to request ${requestId} is not in block ${blockHash}: the chain was reorganised.`,
    { data: { requestId, blockHash } },
  );
}

function inconsistent(requestId: bigint): DomainError<ReadAnswerErrorCode> {
  return new DomainError(
    'ChainInconsistent',
    `What the RPC says about request ${requestId} does not fit together: its events and its roots differ, or are missing. ` +
      'Ask again, or another RPC.',
    { data: { requestId }, retryable: true },
  );
}
