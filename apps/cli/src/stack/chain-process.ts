// The embedded chain: <port> <state file> [host]. As a child of the stack it ends with its parent, however that ends.
import { startAnvil } from '@openimo/chain';

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
});

let ending = false;
const end = async () => {
  if (ending) return;
  ending = true;
  await anvil.stop();
  process.exit(0);
};
process.on('SIGTERM', end);
process.on('SIGINT', end);
process.on('disconnect', end);
process.send?.({ rpcUrl: anvil.rpcUrl });
