import { Injectable } from '@nestjs/common';
import type { Address, Hex } from '@openimo/domain';
import {
  type Condition,
  type DisputeEntity,
  type DisputeMoveEntity,
  DisputeMoveRepository,
  DisputeRepository,
  type TraceEntity,
  TraceRepository,
} from '@openimo/persistence';
import type { Connection } from '../graphql/connection.js';
import type { Loaders } from '../graphql/loaders.js';
import { readMany, readOne, readPage, readPageOf, readPair } from '../graphql/read.js';
import type { DisputeMove, MoveKind } from './dispute-move.types.js';
import { DisputeSide, type DisputeList, type DisputeOutcome } from './dispute.types.js';

const SIDES: Readonly<Record<MoveKind, DisputeSide | null>> = {
  challenged: DisputeSide.CHALLENGER,
  tracePosted: DisputeSide.OPERATOR,
  picked: DisputeSide.CHALLENGER,
  revealed: DisputeSide.OPERATOR,
  chunkRevealed: DisputeSide.OPERATOR,
  operatorConvicted: null,
  challengeLost: null,
};

type Parent = 'requestId' | 'versionId' | 'familyId' | 'operator' | 'challenger';

@Injectable()
export class DisputeService {
  constructor(
    private readonly disputes: DisputeRepository,
    private readonly moves: DisputeMoveRepository,
    private readonly traces: TraceRepository,
  ) {}

  list(list: DisputeList): Promise<Connection<DisputeEntity>> {
    return readPage(this.disputes, list);
  }

  of(
    field: Parent,
    parent: bigint | Address,
    list: DisputeList,
    loaders: Loaders,
    always?: readonly Condition<DisputeEntity>[],
  ): Promise<Connection<DisputeEntity>> {
    return readPageOf(this.disputes, field, parent, list, loaders, always);
  }

  byId(disputeId: Hex, loaders: Loaders): Promise<DisputeEntity | null> {
    return readOne(this.disputes, 'disputeId', disputeId, loaders);
  }

  /** In order. The trace may have been posted for an earlier dispute of the item; then it comes first. */
  async movesOf(dispute: DisputeEntity, loaders: Loaders): Promise<DisputeMove[]> {
    const [own, traces] = await Promise.all([
      readMany(this.moves, 'disputeId', dispute.disputeId, loaders),
      readPair(this.traces, ['requestId', 'round'], [dispute.requestId, BigInt(dispute.round)], loaders),
    ]);
    const trace = traces.find(({ item }) => item === dispute.item);
    const all = own.map(moveOf);
    if (trace !== undefined) all.push({ ...traceMove(trace), ...clocksAfter(trace, dispute) });
    return all.sort((a, b) => Number(a.blockNumber - b.blockNumber) || a.logIndex - b.logIndex);
  }

  /** The move that an event was; a trace without clocks, which every dispute of its item has its own. */
  async moveAt(blockNumber: bigint, logIndex: number, loaders: Loaders): Promise<DisputeMove | null> {
    const at = [blockNumber, BigInt(logIndex)] as const;
    const [[move], [trace]] = await Promise.all([
      readPair(this.moves, ['blockNumber', 'logIndex'], at, loaders),
      readPair(this.traces, ['blockNumber', 'logIndex'], at, loaders),
    ]);
    if (move !== undefined) return moveOf(move);
    return trace === undefined ? null : traceMove(trace);
  }

  outcomeOf({ phase, lostBond, gasShare, reward, burned, outOfTime }: DisputeEntity): DisputeOutcome | null {
    if (phase !== 'operatorLost' && phase !== 'challengerLost') return null;
    const winner = phase === 'operatorLost' ? DisputeSide.CHALLENGER : DisputeSide.OPERATOR;
    return {
      winner,
      lostBond: lostBond!,
      gasShare: gasShare!,
      reward: reward!,
      burned: burned!,
      outOfTime: outOfTime!,
    };
  }
}

function moveOf(move: DisputeMoveEntity): DisputeMove {
  return { ...move, side: SIDES[move.kind] };
}

function traceMove({ root, ...trace }: TraceEntity): DisputeMove & { traceRoot: Hex } {
  const none = { operatorLeft: null, challengerLeft: null };
  return { ...trace, ...none, traceRoot: root, kind: 'tracePosted', side: SIDES.tracePosted };
}

function clocksAfter(trace: TraceEntity, { clock, openedAt }: DisputeEntity) {
  const waited = Math.max(0, (trace.at.getTime() - openedAt.getTime()) / 1_000);
  return { operatorLeft: Math.max(0, clock - waited), challengerLeft: clock };
}
