// run-indexer <rpcUrl> <deployment.json> <databaseUrl> <untilBlock>: indexes once, prints {events, seconds}.
import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { parseDeployment } from '@openimo/contracts';
import { IndexRepository, openDatabase } from '@openimo/persistence';
import { Indexer } from '../dist/indexing/indexer.js';
import { identityOf } from '../dist/platform/connect.js';
import { JsonRpc } from '../dist/rpc/json-rpc.js';

const [url, deploymentPath, databaseUrl, until] = process.argv.slice(2);
const deployment = parseDeployment(readFileSync(deploymentPath, 'utf8'));
const dataSource = await openDatabase(databaseUrl);
const index = new IndexRepository(dataSource);
await index.takeOver(identityOf(deployment));
let events = 0;
const indexer = new Indexer({
  identity: identityOf(deployment),
  addresses: deployment.addresses,
  treasury: deployment.protocolTreasury,
  rpc: new JsonRpc({ url, timeoutMs: 60_000, maxBatch: 100 }),
  index,
  // Nothing is final, so that every block keeps its undo history.
  finalityDepth: 1_000_000_000n,
  audit: true,
  maxBlocks: 2_000,
  pollMs: 20,
  shorterMs: 0,
  untilBlock: BigInt(until),
  onEvent: (event) => {
    if (event.type === 'indexed') events += event.logs;
    if (event.type === 'trouble') console.error(event.error);
  },
});
const startedAt = performance.now();
await indexer.run(new AbortController().signal);
const seconds = (performance.now() - startedAt) / 1_000;
const [counts] = await dataSource.query(
  'select (select count(*) from raw_logs)::int as logs, (select count(*) from index_undo)::int as undo, (select count(*) from blocks)::int as blocks',
);
await dataSource.destroy();
console.log(JSON.stringify({ events, seconds, ...counts }));
