import { disputeGameAbi } from '@openimo/contracts';
import type { Hex } from '@openimo/domain';
import {
  AssertionEntity,
  DisputeEntity,
  DisputeMoveEntity,
  type DisputeMoveKind,
  type DisputePhase,
  DocketEntryEntity,
  OperatorEntity,
  RequestEntity,
  TraceEntity,
} from '@openimo/persistence';
import { safeCount } from '../events/values.js';
import { addCredit, takeCredit } from './credits.js';
import { isOutOfTime, press, start } from './dispute-clock.js';
import { ETH, eventRow, type Occurrence, type Projection } from './projection.js';

/** Assertions count their round no further. */
const LAST_ROUND = 255;
const UNDECIDED: readonly DisputePhase[] = ['awaitTrace', 'awaitPick', 'awaitReveal', 'awaitProof'];
const NO_OUTCOME = { lostBond: null, gasShare: null, reward: null, burned: null, outOfTime: null };

export const disputesProjection: Projection<typeof disputeGameAbi> = {
  Challenged(args, at) {
    const { ledger, header, log } = at;
    const { disputeId, requestId, challenger, item, bond } = args;
    const { versionId, familyId, operator, round: asserted } = ledger.get(RequestEntity, { requestId });
    const { disputeCount: number } = ledger.get(AssertionEntity, { requestId, round: asserted });
    const round = args.round + 1;
    const trace = ledger.find(TraceEntity, { requestId, round, item });
    const clock = safeCount(args.clock);
    const clocks = { operatorLeft: clock, challengerLeft: clock, since: header.at };
    const dispute: DisputeEntity = {
      ...{ disputeId, requestId, round, item, versionId, familyId, challenger, operator: operator!, clock, bond },
      ...start(clocks, trace === undefined ? 'awaitTrace' : 'awaitPick'),
      ...{ node: null, position: 0, width: trace?.children.length ?? 0, moveCount: 0 },
      ...NO_OUTCOME,
      openedBlock: header.number,
      openedTransaction: log.transactionHash,
      openedAt: header.at,
      ...{ closedAt: null, closedTransaction: null },
    };
    ledger.set(DisputeEntity, dispute);
    ledger.set(DocketEntryEntity, { requestId, round, number, disputeId });
    ledger.update(AssertionEntity, { requestId, round: asserted }, ({ disputeCount, openDisputeCount }) => ({
      disputeCount: disputeCount + 1,
      openDisputeCount: openDisputeCount + 1,
    }));
    ledger.update(OperatorEntity, { address: operator! }, ({ disputeCount }) => ({ disputeCount: disputeCount + 1 }));
    addMove('challenged', dispute, at);
  },

  /** Of all disputes of the item; one whose operator was out of time by then is not helped by it. */
  TracePosted({ requestId, round: convictions, item, root, children }, at) {
    const { ledger, header, log } = at;
    const round = convictions + 1;
    ledger.set(TraceEntity, {
      ...{ requestId, round, item, root, children: [...children] },
      ...{ blockNumber: header.number, logIndex: log.logIndex, transactionHash: log.transactionHash, at: header.at },
    });
    for (const dispute of disputesOf(requestId, round, at)) {
      if (dispute.item !== item || dispute.phase !== 'awaitTrace' || isOutOfTime(dispute, header.at)) continue;
      const clocks = press(dispute, header.at, 'awaitPick');
      ledger.set(DisputeEntity, { ...dispute, ...clocks, width: children.length });
    }
  },

  Picked({ disputeId, child, index, node }, at) {
    const before = at.ledger.get(DisputeEntity, { disputeId });
    const childIndex = safeCount(index);
    const reached = before.node === null && node !== 0n;
    const after = {
      ...move(before, 'awaitReveal', at),
      node: node === 0n ? null : safeCount(node),
      position: reached ? 0 : before.position * before.width + childIndex,
    };
    at.ledger.set(DisputeEntity, after);
    addMove('picked', after, at, { child, childIndex, node: after.node });
  },

  Revealed({ disputeId, children }, at) {
    const before = at.ledger.get(DisputeEntity, { disputeId });
    const after = { ...move(before, 'awaitPick', at), width: children.length };
    at.ledger.set(DisputeEntity, after);
    addMove('revealed', after, at, { children: [...children] });
  },

  ChunkRevealed({ disputeId, chunk }, at) {
    const after = move(at.ledger.get(DisputeEntity, { disputeId }), 'awaitProof', at);
    at.ledger.set(DisputeEntity, after);
    addMove('chunkRevealed', after, at, { chunk, chunkIndex: after.position });
  },

  /** Comes after `AssertionVoided` of the same transaction. */
  OperatorConvicted({ disputeId, requestId, challenger, bond, gasShare, reward }, at) {
    const { round } = at.ledger.get(DisputeEntity, { disputeId });
    for (const dispute of disputesOf(requestId, round, at)) {
      if (!UNDECIDED.includes(dispute.phase)) continue;
      const isThis = dispute.disputeId === disputeId;
      const after = decided(dispute, isThis ? 'operatorLost' : 'moot', at);
      at.ledger.set(DisputeEntity, isThis ? { ...after, ...outcome(dispute, bond, gasShare, reward, at) } : after);
      if (isThis) addMove('operatorConvicted', after, at);
      else addCredit('disputes', dispute.challenger, ETH, dispute.bond, at);
    }
    const own = at.ledger.get(DisputeEntity, { disputeId }).bond;
    addCredit('disputes', challenger, ETH, own + gasShare + reward, at);
    at.ledger.update(AssertionEntity, keyOfAnswer(requestId, round), () => ({ openDisputeCount: 0 }));
  },

  ChallengeLost({ disputeId, requestId, operator, bond, gasShare, reward }, at) {
    const { ledger } = at;
    const before = ledger.get(DisputeEntity, { disputeId });
    const after = decided(before, 'challengerLost', at);
    ledger.set(DisputeEntity, { ...after, ...outcome(before, bond, gasShare, reward, at) });
    addMove('challengeLost', after, at);
    addCredit('disputes', operator, ETH, gasShare + reward, at);
    ledger.update(AssertionEntity, keyOfAnswer(requestId, before.round), ({ openDisputeCount }) => ({
      openDisputeCount: openDisputeCount - 1,
    }));
    ledger.update(OperatorEntity, { address: operator }, ({ disputeWonCount }) => ({
      disputeWonCount: disputeWonCount + 1,
    }));
  },

  Withdrawn: ({ account, to, amount }, at) => takeCredit('disputes', account, ETH, to, amount, at),
};

/** All disputes there ever were against an answer. */
function disputesOf(requestId: bigint, round: number, { ledger }: Occurrence): DisputeEntity[] {
  const { disputeCount } = ledger.get(AssertionEntity, keyOfAnswer(requestId, round));
  const keys = Array.from({ length: disputeCount }, (_, number) => ({ requestId, round, number }));
  const entries = ledger.getAll(DocketEntryEntity, keys);
  return ledger.getAll(
    DisputeEntity,
    entries.map(({ disputeId }) => ({ disputeId })),
  );
}

function keyOfAnswer(requestId: bigint, round: number): Pick<AssertionEntity, 'requestId' | 'round'> {
  return { requestId, round: Math.min(round, LAST_ROUND) };
}

function move(before: DisputeEntity, phase: DisputePhase, { header }: Occurrence): DisputeEntity {
  return { ...before, ...press(before, header.at, phase), moveCount: before.moveCount + 1 };
}

function decided(before: DisputeEntity, phase: DisputePhase, { header, log }: Occurrence): DisputeEntity {
  const closed = { closedAt: header.at, closedTransaction: log.transactionHash as Hex };
  return { ...before, ...press(before, header.at, phase), ...closed };
}

function outcome(
  before: DisputeEntity,
  lostBond: bigint,
  gasShare: bigint,
  reward: bigint,
  { header }: Occurrence,
): Partial<DisputeEntity> {
  const burned = lostBond - gasShare - reward;
  return { lostBond, gasShare, reward, burned, outOfTime: isOutOfTime(before, header.at) };
}

function addMove(
  kind: DisputeMoveKind,
  { disputeId, operatorLeft, challengerLeft }: DisputeEntity,
  at: Occurrence,
  said: Partial<DisputeMoveEntity> = {},
): void {
  at.ledger.add(DisputeMoveEntity, {
    ...{ ...eventRow(at), disputeId, kind, operatorLeft, challengerLeft },
    ...{ child: null, childIndex: null, node: null, children: null, chunk: null, chunkIndex: null },
    ...said,
  });
}
