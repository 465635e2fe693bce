// The embedded chain: <port> <state file> [host]. As a child of the stack it ends with its parent, however that ends.
import { once } from 'node:events';
import { startAnvil } from '@openimo/chain';

// Before anything starts: nobody else would end it.
const ending = new AbortController();
for (const end of ['SIGTERM', 'SIGINT', 'disconnect']) process.on(end, () => ending.abort());

const [port, statePath, host] = process.argv.slice(2);
const anvil = await startAnvil({
  port: Number(port),
  host,
  statePath: statePath!,
  stateIntervalSeconds: 10,
  blockTime: 1,
  accounts: 20,
  // A transaction gets its block at once; the clock's blocks come on top, so that time passes when nobody does anything.
  args: ['--mixed-mining'],
  signal: ending.signal,
}).catch((error: unknown) => {
  if (ending.signal.aborted) process.exit(0);
  throw error;
});

process.send?.({ rpcUrl: anvil.rpcUrl });
if (!ending.signal.aborted) await once(ending.signal, 'abort');
await anvil.stop();
process.exit(0);
