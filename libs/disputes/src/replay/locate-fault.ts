import { type Chain, searchBack } from '@openimo/chain';
import { type Deployment, disputeGameAbi } from '@openimo/contracts';
import {
  chunkAt,
  CHUNK_BYTES,
  type CommittedModel,
  type CommittedTrace,
  type DisputeState,
  equalBytes,
  fromHex,
  type Move,
  tensorTree,
} from '@openimo/donnx';
import { decodeFunctionData, type Hex, isAddressEqual } from 'viem';
import type { Claim } from '../answer.js';
import { type DisputeRecord, disputesOf, type Outcome } from '../follow/dispute-record.js';
import { followDispute } from '../follow/follow-dispute.js';
import { readGameLog } from '../follow/game-event.js';
import { type ElementDifference, firstDifference } from './first-difference.js';
import { type AssertedAnswer, subjectOf } from './read-answer.js';

/** Where the trace that the asserter posted leaves ours, as far as a dispute has brought it to light. */
export interface Fault {
  readonly disputeId: Hex;
  readonly outcome: Outcome | undefined;
  /** Of the trace that was posted. */
  readonly traceRoot: Hex;
  /** The first steps that may differ; one where it is known which. */
  readonly steps: { readonly from: number; readonly to: number };
  /** Of that step, the element; undefined while its bytes are not known. */
  readonly difference: ElementDifference | undefined;
}

type Client = Pick<Chain['client'], 'getContractEvents' | 'getBlockNumber' | 'getTransaction'>;

/** A piece of a step's tensor as the asserter has it. */
interface Piece {
  readonly node: number;
  readonly chunkIndex: number;
  readonly chunk: Uint8Array;
}

/**
 * Looks in the disputes about a claim for where its asserter went wrong. The trace itself is never on the chain: its upper hashes
 * are once it is posted, and those below on the way that a dispute took.
 *
 * @param own our trace of the claim
 * @returns undefined where no trace was posted, or where nothing of it is known to differ
 */
export async function locateFault(
  client: Client,
  deployment: Deployment,
  asserted: Pick<AssertedAnswer, 'requestId' | 'round' | 'blockNumber'>,
  claim: Claim,
  model: CommittedModel,
  own: CommittedTrace,
): Promise<Fault | undefined> {
  const logs = await gameLogs(client, deployment, asserted.blockNumber);
  const subject = subjectOf(asserted, claim.item);
  const roots = { input: tensorTree(claim.input).root, output: tensorTree(claim.output).root };
  const faults: Fault[] = [];
  for (const record of disputesOf(logs.flatMap((log) => readGameLog(log, 0) ?? [])).values()) {
    if (record.trace === undefined || !isAbout(record, subject)) continue;
    const { state, moves } = followDispute(model, roots, record);
    const steps = stepsInQuestion(model, state, moves, own);
    if (steps === undefined) continue;
    const piece = (await provenPiece(client, deployment, logs, record, state)) ?? revealedPiece(state, moves);
    const difference = piece && differenceIn(model, own, piece);
    faults.push({
      disputeId: record.id,
      outcome: record.outcome,
      traceRoot: record.trace.root,
      steps: difference === undefined ? steps : { from: difference.node, to: difference.node },
      difference,
    });
  }
  return faults.sort((a, b) => vagueness(a) - vagueness(b))[0];
}

type GameLogs = Awaited<ReturnType<typeof gameLogs>>;

async function gameLogs(client: Client, { addresses }: Deployment, fromBlock: bigint) {
  const look = (range: { fromBlock: bigint; toBlock: bigint }) =>
    client.getContractEvents({ address: addresses.disputeGame, abi: disputeGameAbi, strict: true, ...range });
  const found: Awaited<ReturnType<typeof look>>[] = [];
  await searchBack(
    async (range) => {
      found.push(await look(range));
      // All of them, not only the newest.
      return [];
    },
    { fromBlock, toBlock: await client.getBlockNumber() },
  );
  return found.reverse().flat();
}

function isAbout({ subject }: DisputeRecord, { requestId, round, item }: DisputeRecord['subject']): boolean {
  return subject.requestId === requestId && subject.round === round && subject.item === item;
}

/** Those below the hash that is in question, or below the first of the revealed ones that is not ours. */
function stepsInQuestion(
  { commitment }: CommittedModel,
  { node, level, position }: DisputeState,
  moves: readonly Move[],
  own: CommittedTrace,
): Fault['steps'] | undefined {
  if (node !== undefined) return { from: node.id, to: node.id };
  const last = moves.at(-1);
  let [height, place] = [level, position];
  if (last !== undefined && 'children' in last) {
    const down = Math.log2(last.children.length);
    const ours = own.tree.descendants(level, position, down);
    const index = last.children.findIndex((child, at) => !equalBytes(child, ours[at]!));
    if (index < 0) return undefined;
    [height, place] = [level - down, position * last.children.length + index];
  }
  const from = place * 2 ** height;
  return { from, to: Math.min(from + 2 ** height, commitment.nodeCount) - 1 };
}

/** What the proof that convicted says, where it was sent to the game itself. */
async function provenPiece(
  client: Client,
  { addresses }: Deployment,
  logs: GameLogs,
  { id }: DisputeRecord,
  state: DisputeState,
): Promise<Piece | undefined> {
  const convicted = logs.find((log) => log.eventName === 'OperatorConvicted' && log.args.disputeId === id);
  if (convicted === undefined) return undefined;
  const { to, input } = await client.getTransaction({ hash: convicted.transactionHash });
  if (to == null || !isAddressEqual(to, addresses.disputeGame)) return undefined;
  const { functionName, args } = decodeFunctionData({ abi: disputeGameAbi, data: input });
  if (functionName === 'proveDirect') {
    const [, , node, chunkIndex, , , { chunk }] = args;
    return { node: Number(node), chunkIndex: Number(chunkIndex), chunk: fromHex(chunk) };
  }
  if (functionName !== 'prove' || state.node === undefined) return undefined;
  return { node: state.node.id, chunkIndex: state.position, chunk: fromHex(args[3].chunk) };
}

function revealedPiece({ node, position }: DisputeState, moves: readonly Move[]): Piece | undefined {
  const last = moves.at(-1);
  if (node === undefined || last?.kind !== 'revealChunk') return undefined;
  return { node: node.id, chunkIndex: position, chunk: last.chunk };
}

function differenceIn({ graph }: CommittedModel, { trace }: CommittedTrace, { node, chunkIndex, chunk }: Piece) {
  return firstDifference(graph, node, chunk, chunkAt(trace[node]!, chunkIndex), chunkIndex * CHUNK_BYTES);
}

/** Proven before known, known before narrowed down. */
function vagueness({ difference, steps, outcome }: Fault): number {
  return steps.to - steps.from + (difference === undefined ? 1 : 0) + (outcome === 'operatorLost' ? 0 : 0.5);
}
