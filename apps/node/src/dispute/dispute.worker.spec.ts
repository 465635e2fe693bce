import type { EncodedMove, GameEvent } from '@openimo/disputes';
import type { GrievanceRow } from '@openimo/persistence';
import { createLogger, Vitals } from '@openimo/service';
import { DisputeBook } from './dispute-book.js';
import { DisputeWorker } from './dispute.worker.js';

const ME = '0x00000000000000000000000000000000000000a1';
const OTHER = '0x00000000000000000000000000000000000000b2';
const ID = `0x${'01'.repeat(32)}` as const;
const ROOT = `0x${'ab'.repeat(32)}` as const;
const START = 1_000;
const CLOCK = 60;

const challenged: GameEvent = {
  ...{ name: 'Challenged', disputeId: ID, challenger: OTHER, requestId: 7n, round: 0, item: 0 },
  ...{ bond: 1n, clock: CLOCK, blockNumber: 5n, logIndex: 0, at: START },
};

interface Sent {
  readonly effect: string;
  readonly data: string;
  readonly by: Date | undefined;
}

/** Of an answer that was given in block 6. */
const grievance = {
  ...{ requestId: 8n, round: 0, item: 0, versionId: 1n, blockNumber: 6n, status: 'filed' },
  answer: { kind: 'tensors', outputRoot: ROOT, inputs: ['0x01'], outputs: ['0x02'] },
} as unknown as GrievanceRow;

/**
 * A worker that has read five blocks, with what has happened and what it has found wrong, a player whose moves the test gives, and
 * what it sends and drops.
 */
function setUp(events: readonly GameEvent[], filed: readonly GrievanceRow[] = []) {
  const book = new DisputeBook();
  book.add(events, 5n);
  const dropped: string[] = [];
  const asked: ((move: EncodedMove) => void)[] = [];
  const sent: Sent[] = [];
  const client = { getBlock: async () => ({ number: 6n, timestamp: BigInt(START + 10) }) };
  const game = {
    me: ME,
    answer: async (requestId: bigint, { blockNumber }: { blockNumber: bigint }) => {
      const operator = requestId === grievance.requestId ? OTHER : ME;
      const stands = operator === ME || blockNumber >= grievance.blockNumber;
      return { round: 0, ...(stands && { standing: { operator, outputRoot: ROOT, finalAt: START + CLOCK } }) };
    },
    bond: async () => 1n,
    winnings: async () => 0n,
    call: (data: string) => ({ data }),
  };
  const player = {
    isRight: async () => false,
    nextMove: () => new Promise<EncodedMove>((give) => asked.push(give)),
    forget: () => undefined,
  };
  const effects = {
    perform: async (effect: string, { data }: { data: string }, _: bigint, by?: Date) => {
      sent.push({ effect, data, by });
      return { result: 'sent' };
    },
  };
  const grievances = { filed: async () => filed, drop: async (_: unknown, reason: string) => dropped.push(reason) };
  const log = createLogger({ name: 'test', logLevel: 'silent' });
  const parts = [client, book, grievances, game, player, effects, new Vitals(), log, 5];
  const worker = new DisputeWorker(...(parts as unknown as ConstructorParameters<typeof DisputeWorker>));
  const stop = new AbortController();
  const done = worker.run(stop.signal);
  const end = () => (stop.abort(), done);
  return { worker, book, asked, sent, dropped, end };
}

async function until(isIt: () => boolean): Promise<void> {
  while (!isIt()) await new Promise((resolve) => setTimeout(resolve, 2));
}

describe('DisputeWorker', () => {
  it('says by when its move has to be mined', async () => {
    const { asked, sent, end } = setUp([challenged]);
    await until(() => asked.length === 1);
    asked[0]!({ kind: 'postTrace', data: '0x01' });
    await until(() => sent.length === 1);

    const leftSeconds = (sent[0]!.by!.getTime() - Date.now()) / 1_000;
    expect(leftSeconds).toBeGreaterThan(CLOCK - 15);
    expect(leftSeconds).toBeLessThanOrEqual(CLOCK - 10);
    await end();
  });

  it('makes no move that it worked out while the chain moved back, but another', async () => {
    const { worker, asked, sent, end } = setUp([challenged]);
    await until(() => asked.length === 1);

    worker.forget();
    asked[0]!({ kind: 'postTrace', data: '0x01' });
    await until(() => asked.length === 2);
    asked[1]!({ kind: 'postTrace', data: '0x02' });
    await until(() => sent.length === 1);

    expect(sent).toMatchObject([{ effect: 'trace:7:0:0', data: '0x02' }]);
    await end();
  });

  it('waits with a grievance until it has read as far as whoever filed it', async () => {
    const { worker, book, sent, dropped, end } = setUp([], [grievance]);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect({ sent, dropped }).toEqual({ sent: [], dropped: [] });

    book.add([], 6n);
    worker.wake();
    await until(() => sent.length === 1);

    expect(sent[0]!.effect).toMatch(/^challenge:/);
    expect(dropped).toEqual([]);
    await end();
  });
});
