import { setTimeout as sleep } from 'node:timers/promises';
import { IndexedChain } from '../testing/indexed-chain.js';
import { TestApi } from '../testing/test-api.js';

interface Ready {
  readonly ready: boolean;
  readonly problems?: readonly string[];
}

describe('what the API tells whoever runs it', () => {
  let indexed: IndexedChain;
  let api: TestApi;
  beforeAll(async () => {
    indexed = await IndexedChain.start();
    await indexed.index();
    api = await TestApi.start(indexed);
  });
  afterAll(async () => {
    await api.close();
    await indexed.close();
  });

  const health = (path: string) => fetch(`http://127.0.0.1:${api.running.healthPort}${path}`);
  const besideGraphql = (path: string) => fetch(new URL(path, api.url));
  const metrics = async () => (await (await health('/metrics')).text()).split('\n');
  const readyOnce = async (isIt: (ready: Ready) => boolean): Promise<Ready> => {
    for (;;) {
      const ready = (await (await health('/ready')).json()) as Ready;
      if (isIt(ready)) return ready;
      await sleep(50);
    }
  };

  it('is live and ready, also beside GraphQL, where it tells no more', async () => {
    expect((await besideGraphql('/live')).status).toBe(200);
    expect((await besideGraphql('/ready')).status).toBe(200);
    expect((await besideGraphql('/metrics')).status).toBe(404);
    expect((await besideGraphql('/status')).status).toBe(404);
  });

  it('counts operations by how they ended, whatever clients write', async () => {
    await api.ask('{ _meta { indexedBlock } }');
    await api.ask('{ nothing }');
    await api.ask('{');

    const lines = await metrics();
    expect(lines).toContain('openimo_api_operations_total{type="query",outcome="ok",service="api"} 1');
    expect(lines).toContain(
      'openimo_api_operations_total{type="none",outcome="GRAPHQL_VALIDATION_FAILED",service="api"} 1',
    );
    expect(lines).toContain('openimo_api_operations_total{type="none",outcome="GRAPHQL_PARSE_FAILED",service="api"} 1');
    expect(lines).toContain('openimo_api_operation_seconds_count{service="api",type="query"} 1');
    expect(lines).toContain('openimo_vital{part="database",service="api"} 1');
    expect(lines).toContain('openimo_api_lag_blocks{service="api"} 0');
  });

  it('is not ready while the read model is far behind, nor while the chain is away, and says so', async () => {
    await indexed.chain.test.mine({ blocks: 21 });
    expect(await readyOnce(({ ready }) => !ready)).toEqual({
      ready: false,
      problems: ['indexer: 21 blocks behind the head'],
    });
    expect(await metrics()).toContain('openimo_api_lag_blocks{service="api"} 21');

    await indexed.index();
    expect(await readyOnce(({ ready }) => ready)).toEqual({ ready: true });

    await indexed.chain.anvil.kill();
    expect(await readyOnce(({ ready }) => !ready)).toEqual({ ready: false, problems: ['chain: does not answer'] });
    expect((await besideGraphql('/ready')).status).toBe(503);
    expect((await besideGraphql('/live')).status).toBe(200);
  });
});
