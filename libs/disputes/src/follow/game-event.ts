import type { disputeGameAbi } from '@openimo/contracts';
import type { Address, Hex, ParseEventLogsReturnType } from 'viem';
import type { Subject } from '../subject.js';

/** Where and when an event of the game happened. */
export interface GameEventPlace {
  readonly blockNumber: bigint;
  readonly logIndex: number;
  /** Time of its block, in seconds. */
  readonly at: number;
}

export interface Challenged extends Subject {
  readonly name: 'Challenged';
  readonly disputeId: Hex;
  readonly challenger: Address;
  /** Wei. */
  readonly bond: bigint;
  /** Of each side, in seconds. */
  readonly clock: number;
}

export interface TracePosted extends Subject {
  readonly name: 'TracePosted';
  readonly root: Hex;
  readonly children: readonly Hex[];
}

export interface Picked {
  readonly name: 'Picked';
  readonly disputeId: Hex;
  readonly child: Hex;
  readonly index: number;
  /** The step that is in question; zero while it is not known. */
  readonly node: number;
}

export interface Revealed {
  readonly name: 'Revealed';
  readonly disputeId: Hex;
  readonly children: readonly Hex[];
}

export interface ChunkRevealed {
  readonly name: 'ChunkRevealed';
  readonly disputeId: Hex;
  readonly chunk: Hex;
}

/** Of `bond`, that of the loser, `gasShare` and `reward` went to the winner; wei. */
export interface Decided {
  readonly name: 'OperatorConvicted' | 'ChallengeLost';
  readonly disputeId: Hex;
  readonly requestId: bigint;
  readonly winner: Address;
  readonly bond: bigint;
  readonly gasShare: bigint;
  readonly reward: bigint;
}

export type GameEvent = GameEventPlace & (Challenged | TracePosted | Picked | Revealed | ChunkRevealed | Decided);

type GameLog = ParseEventLogsReturnType<typeof disputeGameAbi, undefined, true>[number];

/** An event of `DisputeGame` as disputes are followed by; undefined for those that change none. */
export function readGameLog(log: GameLog, at: number): GameEvent | undefined {
  const { blockNumber, logIndex } = log as GameLog & { blockNumber: bigint; logIndex: number };
  const place = { blockNumber, logIndex, at };
  switch (log.eventName) {
    case 'Challenged': {
      const { disputeId, requestId, challenger, round, item, bond, clock } = log.args;
      return {
        ...place,
        name: 'Challenged',
        disputeId,
        requestId,
        challenger,
        round,
        item,
        bond,
        clock: Number(clock),
      };
    }
    case 'TracePosted': {
      const { requestId, round, item, root, children } = log.args;
      return { ...place, name: 'TracePosted', requestId, round, item, root, children };
    }
    case 'Picked': {
      const { disputeId, child, index, node } = log.args;
      return { ...place, name: 'Picked', disputeId, child, index: Number(index), node: Number(node) };
    }
    case 'Revealed':
      return { ...place, name: 'Revealed', ...log.args };
    case 'ChunkRevealed':
      return { ...place, name: 'ChunkRevealed', ...log.args };
    case 'OperatorConvicted':
    case 'ChallengeLost': {
      const winner = log.eventName === 'ChallengeLost' ? log.args.operator : log.args.challenger;
      const { disputeId, requestId, bond, gasShare, reward } = log.args;
      return { ...place, name: log.eventName, disputeId, requestId, winner, bond, gasShare, reward };
    }
    default:
      return undefined;
  }
}
