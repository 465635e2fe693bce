import { openDatabase, TransactionRepository, withRetry } from '@openimo/persistence';
import { pad, toHex } from 'viem';
import type { Address, Hex } from '@openimo/domain';
import { createChain } from '../chain/create-chain.js';
import { LocalKeySigner } from '../signer/local-key-signer.js';
import { TransactionManager } from '../transactions/transaction-manager.js';

/**
 * What the crash tests kill: calls a counter once for each of the words 0 to `count - 1`, a few at a time, as an application
 * would after every start: all of them again, under the same keys. Prints each word that was submitted, then "done".
 *
 * With `dieAt` it kills itself at that moment of its life: moments are counted just before and just after each row it writes and
 * each transaction it sends, so that every gap between two effects is a place to die in.
 */
const [rpcUrl, databaseUrl, privateKey, counter, count, dieAt = '0'] = process.argv.slice(2) as [
  string,
  string,
  Hex,
  Address,
  string,
  string?,
];
const AT_ONCE = 4;

const dataSource = await withRetry(() => openDatabase(databaseUrl));
const signer = new LocalKeySigner(privateKey, 31_337);
let moments = 0;
const moment = (): void => {
  if (++moments === Number(dieAt)) process.kill(process.pid, 'SIGKILL');
};
const chain = createChain({ rpcUrl, chainId: 31_337, pollIntervalMs: 20, timeoutMs: 2_000 });
const manager = new TransactionManager({
  chain: { ...chain, client: mortal(chain.client, ['sendRawTransaction']) },
  signer,
  store: mortal(new TransactionRepository(dataSource, 31_337, signer.address), ['insert', 'update']),
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

/** The same object, with a moment before and one after each call of these methods. */
function mortal<T extends object>(target: T, methods: readonly (keyof T)[]): T {
  return new Proxy(target, {
    get(_, name) {
      const value = Reflect.get(target, name) as unknown;
      if (typeof value !== 'function') return value;
      if (!methods.includes(name as keyof T)) return value.bind(target) as unknown;
      return async (...args: unknown[]): Promise<unknown> => {
        moment();
        const result: unknown = await value.apply(target, args);
        moment();
        return result;
      };
    },
  });
}
