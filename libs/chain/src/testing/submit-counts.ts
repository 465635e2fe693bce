import { openDatabase, TransactionRepository, withRetry } from '@openimo/persistence';
import { pad, toHex } from 'viem';
import type { Address, Hex } from '@openimo/domain';
import { createChain } from '../chain/create-chain.js';
import { LocalKeySigner } from '../signer/local-key-signer.js';
import { TransactionManager } from '../transactions/transaction-manager.js';

/**
 * What the crash tests kill: calls a counter once for each of the words 0 to `count - 1`, a few at a time, as an application
 * would after every start: all of them again, under the same keys. Prints each word that was submitted, then "done".
 */
const [rpcUrl, databaseUrl, privateKey, counter, count] = process.argv.slice(2) as [
  string,
  string,
  Hex,
  Address,
  string,
];
const AT_ONCE = 4;

const dataSource = await withRetry(() => openDatabase(databaseUrl));
const signer = new LocalKeySigner(privateKey, 31_337);
const manager = new TransactionManager({
  chain: createChain({ rpcUrl, chainId: 31_337, pollIntervalMs: 20, timeoutMs: 2_000 }),
  signer,
  store: new TransactionRepository(dataSource, 31_337, signer.address),
  leaseTtlMs: 300,
});
await withRetry(() => manager.start());

const words = Array.from({ length: Number(count) }, (_, word) => word);
const worker = async (): Promise<void> => {
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const request = { key: `count ${word}`, to: counter, data: pad(toHex(word)) };
    await withRetry(() => manager.submit(request));
    process.stdout.write(`${word}\n`);
    await withRetry(() => manager.wait(request.key));
  }
};
await Promise.all(Array.from({ length: AT_ONCE }, worker));
process.stdout.write('done\n');
await manager.stop();
await dataSource.destroy();
