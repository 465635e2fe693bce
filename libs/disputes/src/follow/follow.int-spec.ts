import { disputeGameAbi } from '@openimo/contracts';
import { challengerMove, operatorMove, toHex, type CommittedTrace, type Move } from '@openimo/donnx';
import { faultyTrace, Random, randomCase, type DisputeCase } from '@openimo/donnx/testing';
import type { Person } from '@openimo/testing';
import { parseEventLogs, zeroHash, type Hex } from 'viem';
import { encodeChallenge } from '../encode-challenge.js';
import { encodeMove, modelOf } from '../encode-move.js';
import { disputeId } from '../subject.js';
import { Arena, type Match } from '../testing/arena.js';
import { disputesOf, turnOf, type DisputeRecord } from './dispute-record.js';
import { followDispute } from './follow-dispute.js';
import { readGameLog, type GameEvent } from './game-event.js';

const PLAYS = process.env['OPENIMO_DEEP'] === undefined ? 12 : 200;
const MOST_OUTPUT = 8_192;
const PHASES = [
  'None',
  'AwaitTrace',
  'AwaitPick',
  'AwaitReveal',
  'AwaitChunk',
  'AwaitProof',
  'OperatorLost',
  'ChallengerLost',
];

let arena: Arena;
beforeAll(async () => {
  arena = await Arena.open();
});
afterAll(() => arena.close());

describe('Disputes followed by events', () => {
  it('are in the state of the contract after every move, whoever moves, stalls or comes late, whatever the order of events', async () => {
    const outcomes = new Set<string>();
    for (let seed = 1, plays = 0; plays < PLAYS; seed++) {
      const random = new Random(seed);
      const dispute = randomCase(random);
      if (dispute === undefined || dispute.model.commitment.outputBytes > MOST_OUTPUT) continue;
      for (const { outcome } of (await new Play(random, dispute).run()).values()) outcomes.add(outcome ?? 'open');
      plays++;
    }
    expect([...outcomes].sort()).toEqual(['challengerLost', 'moot', 'operatorLost']);
  }, 3_600_000);
});

/** Two challengers against one answer, with a fault in it or in the challengers' own runs. Each side sometimes sleeps. */
class Play {
  readonly #operator: CommittedTrace;
  readonly #challenger: CommittedTrace;
  #match!: Match;

  constructor(
    private readonly random: Random,
    private readonly dispute: DisputeCase,
  ) {
    const { model, honest } = dispute;
    const faulty = faultyTrace(dispute, random, random.integer(1, model.commitment.nodeCount - 1), true);
    const guilty = random.integer(0, 3) > 0;
    [this.#operator, this.#challenger] = guilty ? [faulty, honest] : [honest, faulty];
  }

  async run(): Promise<Map<Hex, DisputeRecord>> {
    const { model } = this.dispute;
    const versionId = await arena.publish(model);
    this.#match = await arena.challenge(model, versionId, this.#operator);
    const bobAt = this.random.integer(0, 6);
    for (let at = 0; ; at++) {
      if (at === bobAt) await this.#challengeToo();
      await arena.chain.passSeconds(this.random.integer(1, 8));
      const disputes = disputesOf(shuffled(await this.#events(), this.random));
      for (const record of disputes.values()) await this.#expectAsStored(record);
      const open = [...disputes.values()].filter(({ outcome }) => outcome === undefined);
      if (open.length === 0 && at >= bobAt) {
        await arena.retire(versionId);
        return disputes;
      }
      if (open.length > 0) await this.#moveIn(open[this.random.integer(0, open.length - 1)]!);
    }
  }

  async #challengeToo(): Promise<void> {
    const { answer, subject } = this.#match;
    const bond = await this.#read('leastBond', []);
    // Too late where the first one has won already.
    await arena.chain.send('bob', arena.chain.addresses.disputeGame, encodeChallenge(subject, answer), bond as bigint);
  }

  async #moveIn(record: DisputeRecord): Promise<void> {
    const { model } = this.dispute;
    const { state, moves } = followDispute(model, this.#roots, record);
    const { side, deadline } = turnOf(record)!;
    const move: Move | undefined =
      side === 'operator'
        ? operatorMove(model.commitment, state, this.#operator)
        : challengerMove(model, state, moves, this.#challenger);
    const isTraceThere = move?.kind === 'postTrace' && record.trace !== undefined;
    if (move === undefined || isTraceThere || this.random.integer(0, 19) === 0) return this.#timeOut(record, deadline);
    const trace = record.trace && { root: record.trace.root, postedAt: BigInt(record.trace.postedAt) };
    const context = {
      ...{ subject: record.subject, challenger: record.challenger, answer: this.#match.answer, model },
      trace: trace && { ...trace, root: state.traceRoot },
    };
    const person = side === 'operator' ? 'operator' : this.#personOf(record);
    const data = encodeMove(context, state, move);
    const { status } = await arena.chain.send(person, arena.chain.addresses.disputeGame, data);
    // A challenger with a wrong run of its own finds no proof, and one with little time left may be late.
    const now = await arena.chain.now();
    if (status !== 'success' && now <= deadline && move.kind !== 'prove') throw new Error(`${move.kind} was refused`);
    if (status !== 'success') await this.#timeOut(record, deadline);
  }

  async #timeOut({ subject, challenger, trace }: DisputeRecord, deadline: number): Promise<void> {
    const left = deadline - (await arena.chain.now());
    if (left >= 0) await arena.chain.passSeconds(left + 1);
    const named = this.#traceNamed(trace);
    await arena.chain.do('idler', arena.chain.addresses.disputeGame, disputeGameAbi, 'timeout', [
      subject,
      challenger,
      named,
    ]);
  }

  async #expectAsStored(record: DisputeRecord): Promise<void> {
    const stored = (await this.#read('dispute', [record.id])) as unknown as Stored;
    const { state } = followDispute(this.dispute.model, this.#roots, record);
    const { outcome, clocks, plies, subject, challenger, trace } = record;
    expect(record.id).toBe(disputeId(subject, challenger));
    if (outcome === 'moot') return;
    const phase = outcome ? DECIDED[outcome] : plies.length === 0 ? 'AwaitTrace' : state.phase;
    expect(PHASES[stored.phase]).toBe(phase);
    if (outcome !== undefined) return;
    const { operatorLeft, challengerLeft, since } = stored;
    expect(clocks).toEqual({ operatorLeft, challengerLeft, since });
    if (plies.length > 0) {
      const { level, position, node, cursor } = state;
      expect(stored).toMatchObject({ level, position, node: node?.id ?? 0 });
      expect(await this.#read('cursorOf', [record.id])).toBe(toHex(cursor));
    }
    const turn = await this.#read('turn', [subject, challenger, this.#traceNamed(trace)]);
    const [side, deadline] = turn as unknown as [number, bigint];
    expect(turnOf(record)).toEqual({ side: SIDES[side], deadline: Number(deadline) });
  }

  get #roots() {
    const { trees } = this.#operator;
    return { input: trees[0]!.root, output: trees[this.dispute.model.commitment.outNode]!.root };
  }

  #traceNamed(trace: DisputeRecord['trace']) {
    const model = modelOf(this.dispute.model.commitment);
    return { root: trace?.root ?? zeroHash, postedAt: BigInt(trace?.postedAt ?? 0), model };
  }

  #personOf({ challenger }: DisputeRecord): Person {
    return challenger === arena.chain.addressOf('bob') ? 'bob' : 'alice';
  }

  #read(functionName: 'leastBond' | 'dispute' | 'cursorOf' | 'turn', args: readonly unknown[]) {
    const address = arena.chain.addresses.disputeGame;
    return arena.chain.client.readContract({ abi: disputeGameAbi, address, functionName, args } as never);
  }

  async #events(): Promise<GameEvent[]> {
    const { client, addresses } = arena.chain;
    const logs = await client.getLogs({ address: addresses.disputeGame, fromBlock: 0n });
    const events: GameEvent[] = [];
    for (const log of parseEventLogs({ abi: disputeGameAbi, logs })) {
      const { timestamp } = await client.getBlock({ blockNumber: log.blockNumber });
      const event = readGameLog(log, Number(timestamp));
      const { requestId } = this.#match.subject;
      if (event && (!('requestId' in event) || event.requestId === requestId)) events.push(event);
    }
    return events;
  }
}

const DECIDED = { operatorLost: 'OperatorLost', challengerLost: 'ChallengerLost', moot: 'OperatorLost' } as const;
const SIDES = ['operator', 'challenger'];
type Stored = Record<'phase' | 'level' | 'position' | 'node' | 'operatorLeft' | 'challengerLeft' | 'since', number>;

function shuffled<T>(items: readonly T[], random: Random): T[] {
  return items
    .map((item) => ({ item, at: random.integer(0, 1_000_000) }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
