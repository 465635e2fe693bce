import { setImmediate } from 'node:timers/promises';
import { DomainError } from '@openimo/domain';
import type { DataSource, IndexState } from '@openimo/persistence';
import { createLogger, Vitals } from '@openimo/service';
import { indexerMetrics } from './metrics.js';
import { Monitor } from './monitor.js';

const log = createLogger({ name: 'test', logLevel: 'silent' });
const unavailable = new DomainError('RpcUnavailable', 'The chain does not answer (Timeout). Try again.', {
  retryable: true,
});

function stateAt(blockNumber: bigint, headBlock: bigint, blockAt = new Date()): IndexState {
  return { blockNumber, headBlock, blockAt, finalizedBlock: 5n, outboxPosition: 7n, generation: 2 } as IndexState;
}

function setUp() {
  const vitals = new Vitals();
  const monitor = new Monitor(vitals, log, 120);
  const metrics = indexerMetrics('indexer', vitals, monitor);
  const lines = async () => (await metrics.metrics()).split('\n');
  return { vitals, monitor, lines };
}

describe('what the indexer tells of itself', () => {
  it('is well at the head of the chain', () => {
    const { vitals, monitor } = setUp();

    monitor.see({ type: 'indexed', state: stateAt(99n, 100n), blocks: 3, logs: 12 });
    monitor.see({ type: 'caughtUp', state: stateAt(100n, 100n) });

    expect(vitals.problems()).toEqual([]);
  });

  it('names what is wrong: far behind, an old chain, an RPC that does not answer', () => {
    const { vitals, monitor } = setUp();

    monitor.see({ type: 'caughtUp', state: stateAt(79n, 100n, new Date(Date.now() - 200_000)) });
    monitor.see({ type: 'trouble', error: unavailable });

    expect(vitals.problems()).toEqual([
      `indexing: ${unavailable.message}`,
      'lag: 21 blocks behind the head',
      expect.stringMatching(/^chain: the latest block is 20\d s old$/),
    ]);
  });

  it('notices that the database is away, and that it is back', async () => {
    const { vitals, monitor } = setUp();
    const end = new AbortController();
    let isUp = false;
    const database = {
      query: async () => {
        if (!isUp) throw new Error('connect postgres://openimo:sesame@db refused');
      },
    } as unknown as DataSource;

    const watching = monitor.watch(database, end.signal);
    while (vitals.get('database') === undefined) await setImmediate();
    expect(vitals.problems()).toEqual(['database: does not answer']);
    end.abort();
    await watching;

    isUp = true;
    const again = new AbortController();
    const watchingAgain = monitor.watch(database, again.signal);
    while (!vitals.get('database')!.ok) await setImmediate();
    again.abort();
    await watchingAgain;
    expect(vitals.problems()).toEqual([]);
  });

  it('measures how far it is, what it read, and what went wrong', async () => {
    const { monitor, lines } = setUp();
    expect(await lines()).toContain('openimo_indexer_block{service="indexer"} Nan');

    monitor.see({ type: 'indexed', state: stateAt(90n, 100n), blocks: 3, logs: 12 });
    monitor.see({ type: 'rolledBack', state: stateAt(85n, 100n), blocks: 5n });
    monitor.see({ type: 'trouble', error: unavailable });

    const told = await lines();
    for (const line of [
      'openimo_indexer_block{service="indexer"} 85',
      'openimo_indexer_head_block{service="indexer"} 100',
      'openimo_indexer_lag_blocks{service="indexer"} 15',
      'openimo_indexer_finalized_block{service="indexer"} 5',
      'openimo_indexer_events_total{service="indexer"} 12',
      'openimo_indexer_rollbacks_total{service="indexer"} 1',
      'openimo_indexer_rolled_back_blocks_total{service="indexer"} 5',
      'openimo_indexer_troubles_total{service="indexer"} 1',
    ]) {
      expect(told).toContain(line);
    }
  });
});
