import type { EncodedMove, GameEvent } from '@openimo/disputes';
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

/** A worker with one dispute against an answer of ours, a player whose moves the test gives, and what it sends. */
function setUp() {
  const book = new DisputeBook();
  book.add([challenged], 5n);
  const asked: ((move: EncodedMove) => void)[] = [];
  const sent: Sent[] = [];
  const client = { getBlock: async () => ({ number: 5n, timestamp: BigInt(START + 10) }) };
  const game = {
    me: ME,
    answer: async () => ({ round: 0, standing: { operator: ME, outputRoot: ROOT, finalAt: START + CLOCK } }),
    winnings: async () => 0n,
    call: (data: string) => ({ data }),
  };
  const player = {
    nextMove: () => new Promise<EncodedMove>((give) => asked.push(give)),
    forget: () => undefined,
  };
  const effects = {
    perform: async (effect: string, { data }: { data: string }, _: bigint, by?: Date) => {
      sent.push({ effect, data, by });
      return { result: 'sent' };
    },
  };
  const grievances = { filed: async () => [] };
  const log = createLogger({ name: 'test', logLevel: 'silent' });
  const parts = [client, book, grievances, game, player, effects, new Vitals(), log, 5];
  const worker = new DisputeWorker(...(parts as unknown as ConstructorParameters<typeof DisputeWorker>));
  const stop = new AbortController();
  const done = worker.run(stop.signal);
  const end = () => (stop.abort(), done);
  return { worker, asked, sent, end };
}

async function until(isIt: () => boolean): Promise<void> {
  while (!isIt()) await new Promise((resolve) => setTimeout(resolve, 2));
}

describe('DisputeWorker', () => {
  it('says by when its move has to be mined', async () => {
    const { asked, sent, end } = setUp();
    await until(() => asked.length === 1);
    asked[0]!({ kind: 'postTrace', data: '0x01' });
    await until(() => sent.length === 1);

    const leftSeconds = (sent[0]!.by!.getTime() - Date.now()) / 1_000;
    expect(leftSeconds).toBeGreaterThan(CLOCK - 15);
    expect(leftSeconds).toBeLessThanOrEqual(CLOCK - 10);
    await end();
  });

  it('makes no move that it worked out while the chain moved back, but another', async () => {
    const { worker, asked, sent, end } = setUp();
    await until(() => asked.length === 1);

    worker.forget();
    asked[0]!({ kind: 'postTrace', data: '0x01' });
    await until(() => asked.length === 2);
    asked[1]!({ kind: 'postTrace', data: '0x02' });
    await until(() => sent.length === 1);

    expect(sent).toMatchObject([{ effect: 'trace:7:0:0', data: '0x02' }]);
    await end();
  });
});
