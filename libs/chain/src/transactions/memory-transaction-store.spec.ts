import { MemoryTransactionStore } from './memory-transaction-store.js';
import type { NewTransactionRecord } from './transaction-store.js';

const ACCOUNT = '0x00000000000000000000000000000000000000aa';

function record(nonce: number, key = `key-${nonce}`): NewTransactionRecord {
  return {
    ...{ chainId: 31_337, account: ACCOUNT, nonce, key, to: ACCOUNT, data: '0x', value: 0n, gasLimit: 21_000n },
    ...{ maxFeePerGas: 1n, maxPriorityFeePerGas: 1n, rawTransaction: '0x', hashes: [], cancelHashes: [], error: null },
    ...{ status: 'prepared', minedHash: null, blockNumber: null, blockHash: null, receiptStatus: null, gasUsed: null },
    broadcastAt: null,
  };
}

async function held(): Promise<MemoryTransactionStore> {
  const store = new MemoryTransactionStore(31_337, ACCOUNT);
  await store.acquireLease('test', 1_000);
  return store;
}

describe('MemoryTransactionStore', () => {
  it('takes each key and each nonce once', async () => {
    const store = await held();
    expect(await store.insert(record(0, 'a'), 1)).toBe('inserted');
    expect(await store.insert(record(1, 'a'), 1)).toBe('keyTaken');
    expect(await store.insert(record(0, 'b'), 1)).toBe('nonceTaken');
    expect(await store.lastNonce()).toBe(0);
  });

  it('opens what is unsettled, and what the chain has forgotten', async () => {
    const store = await held();
    for (const nonce of [2, 0, 1]) await store.insert(record(nonce), 1);
    await store.update(0, { status: 'confirmed' }, 1);
    await store.update(2, { status: 'failed' }, 1);

    expect((await store.open(3)).map(({ nonce }) => nonce)).toEqual([1]);
    expect((await store.open(2)).map(({ nonce }) => nonce)).toEqual([1, 2]);
  });

  it('has one holder at a time, whose writes alone count', async () => {
    const store = await held();
    expect(await store.acquireLease('other', 1_000)).toMatchObject({ heldBy: 'test' });
    await store.releaseLease(1);
    expect(await store.acquireLease('other', 1_000)).toEqual({ generation: 2 });

    await expect(store.insert(record(0), 1)).rejects.toMatchObject({ code: 'AccountLeaseLost' });
    expect(await store.renewLease(1, 1_000)).toBe(false);
  });
});
