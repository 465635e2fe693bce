// The embedded PostgreSQL, as a child of the stack: ends with its parent, however that ends.
import { startEmbeddedPostgres } from '@openimo/persistence';

const [folder, port] = process.argv.slice(2);
const database = await startEmbeddedPostgres({ folder: folder!, port: Number(port) });

let ending = false;
const end = async () => {
  if (ending) return;
  ending = true;
  await database.close();
  process.exit(0);
};
process.on('SIGTERM', end);
process.on('SIGINT', end);
process.on('disconnect', end);
process.send?.({ url: database.url });
