// The embedded PostgreSQL, as a child of the stack: ends with its parent, however that ends.
import { once } from 'node:events';
import { startEmbeddedPostgres } from '@openimo/persistence';

const ending = new AbortController();
for (const end of ['SIGTERM', 'SIGINT', 'disconnect']) process.on(end, () => ending.abort());

const [folder, port] = process.argv.slice(2);
const database = await startEmbeddedPostgres({ folder: folder!, port: Number(port) });

process.send?.({ url: database.url });
if (!ending.signal.aborted) await once(ending.signal, 'abort');
await database.close();
process.exit(0);
