import type { Address, Hex } from 'viem';
import { subjectId, type Subject } from '../subject.js';
import type { Challenged, ChunkRevealed, GameEvent, Picked, Revealed, TracePosted } from './game-event.js';

export type Side = 'operator' | 'challenger';

/** A move within a dispute, as the game announced it. */
export type Ply = Picked | Revealed | ChunkRevealed;

export type Outcome =
  | 'operatorLost'
  | 'challengerLost'
  /** Somebody else convicted the operator first; the challenger gets its bond back. */
  | 'moot';

/** The chess clocks: seconds that each side has left, and since when the clock of the side to move runs. */
export interface Clocks {
  readonly operatorLeft: number;
  readonly challengerLeft: number;
  readonly since: number;
}

/** A dispute as the chain's events tell it; a model is needed only to say what a move should be. */
export interface DisputeRecord {
  readonly id: Hex;
  readonly subject: Subject;
  readonly challenger: Address;
  /** Wei. */
  readonly bond: bigint;
  /** Posted once for all disputes of the subject; times in seconds. */
  readonly trace?: { readonly root: Hex; readonly postedAt: number; readonly children: readonly Hex[] };
  readonly plies: readonly Ply[];
  readonly clocks: Clocks;
  readonly outcome?: Outcome;
}

/**
 * All disputes that these events tell of, by id. Events may come in any order and twice, as they do when blocks are read again;
 * those of disputes whose challenge is not among them are left out.
 */
export function disputesOf(events: Iterable<GameEvent>): Map<Hex, DisputeRecord> {
  const disputes = new Map<Hex, DisputeRecord>();
  const traces = new Map<Hex, DisputeRecord['trace']>();
  for (const event of inOrder(events)) {
    if (event.name === 'TracePosted') {
      const trace = traceOf(event, event.at);
      traces.set(subjectId(event), trace);
      for (const dispute of disputes.values()) {
        if (dispute.outcome === undefined && isSame(dispute.subject, event)) {
          disputes.set(dispute.id, { ...dispute, trace });
        }
      }
      continue;
    }
    if (event.name === 'Challenged') {
      disputes.set(event.disputeId, opened(event, event.at, traces.get(subjectId(event))));
      continue;
    }
    const dispute = disputes.get(event.disputeId);
    if (dispute !== undefined) disputes.set(dispute.id, after(dispute, event));
    if (event.name === 'OperatorConvicted') makeMoot(disputes, event.requestId);
  }
  return disputes;
}

function inOrder(events: Iterable<GameEvent>): GameEvent[] {
  const byPlace = new Map([...events].map((event) => [`${event.blockNumber}/${event.logIndex}`, event]));
  return [...byPlace.values()].sort((a, b) => Number(a.blockNumber - b.blockNumber) || a.logIndex - b.logIndex);
}

function opened(event: Challenged, at: number, trace: DisputeRecord['trace']): DisputeRecord {
  const { disputeId, requestId, round, item, challenger, bond, clock } = event;
  const clocks = { operatorLeft: clock, challengerLeft: clock, since: at };
  const dispute = { id: disputeId, subject: { requestId, round, item }, challenger, bond, plies: [], clocks };
  return trace === undefined ? dispute : { ...dispute, trace };
}

function traceOf({ root, children }: TracePosted, postedAt: number): DisputeRecord['trace'] {
  return { root, postedAt, children };
}

type Later = Exclude<GameEvent, { name: 'Challenged' | 'TracePosted' }>;

function after(dispute: DisputeRecord, event: Later): DisputeRecord {
  switch (event.name) {
    case 'OperatorConvicted':
      return { ...dispute, outcome: 'operatorLost' };
    case 'ChallengeLost':
      return { ...dispute, outcome: 'challengerLost' };
    default: {
      // The game still takes moves where another conviction has made them pointless.
      const clocks = pressed(dispute, event.at);
      return clocks === undefined ? dispute : { ...dispute, plies: [...dispute.plies, event], clocks };
    }
  }
}

/** A conviction voids the answer that all the undecided disputes of its round are about; older rounds have none left. */
function makeMoot(disputes: Map<Hex, DisputeRecord>, requestId: bigint): void {
  for (const dispute of disputes.values()) {
    if (dispute.subject.requestId !== requestId || dispute.outcome !== undefined) continue;
    disputes.set(dispute.id, { ...dispute, outcome: 'moot' });
  }
}

/** Whose clock runs, and until when it may move, in seconds; undefined once the dispute is decided. As `DisputeClock.turn`. */
export function turnOf(dispute: DisputeRecord): { readonly side: Side; readonly deadline: number } | undefined {
  const { clocks, trace, plies, outcome } = dispute;
  if (outcome !== undefined) return undefined;
  const last = plies.at(-1);
  if (last === undefined) {
    const deadline = clocks.since + clocks.operatorLeft;
    // A trace that came too late for this dispute does not stop the operator's clock.
    if (trace === undefined || trace.postedAt > deadline) return { side: 'operator', deadline };
    return { side: 'challenger', deadline: Math.max(trace.postedAt, clocks.since) + clocks.challengerLeft };
  }
  if (last.name === 'Picked') return { side: 'operator', deadline: clocks.since + clocks.operatorLeft };
  return { side: 'challenger', deadline: clocks.since + clocks.challengerLeft };
}

/** The clocks after a move at `at`; undefined where there are none to press any more. As `DisputeClock.press`. */
function pressed(dispute: DisputeRecord, at: number): Clocks | undefined {
  const turn = turnOf(dispute);
  if (turn === undefined) return undefined;
  const { side, deadline } = turn;
  const { operatorLeft, challengerLeft, since } = dispute.clocks;
  const left = deadline - at;
  if (side === 'operator') return { operatorLeft: left, challengerLeft, since: at };
  const spent = dispute.plies.length === 0 ? Math.max(0, dispute.trace!.postedAt - since) : 0;
  return { operatorLeft: operatorLeft - spent, challengerLeft: left, since: at };
}

function isSame(a: Subject, b: Subject): boolean {
  return a.requestId === b.requestId && a.round === b.round && a.item === b.item;
}
