import { DomainError } from '@openimo/domain';
import type { TransactionRecord } from '@openimo/chain';
import { parseAbi } from 'viem';
import { createLogger, Vitals } from '@openimo/service';
import type { Call } from '../protocol/protocol.js';
import { Effects } from './effects.js';

const log = createLogger({ name: 'test', logLevel: 'silent' });
const ME = '0x00000000000000000000000000000000000000a1';
const call: Call = {
  to: '0x00000000000000000000000000000000000000cc',
  abi: parseAbi(['function refund(uint256 requestId)']),
  functionName: 'refund',
  args: [7n],
};

type Row = Pick<TransactionRecord, 'status' | 'blockNumber' | 'updatedAt'>;

/** Stands for the manager: rows by key, and what submitting throws. */
class Transactions {
  readonly account = ME;
  readonly rows = new Map<string, Row>();
  readonly deadlines = new Map<string, Date>();
  refusal: unknown;

  find = async (key: string) => {
    const row = this.rows.get(key);
    return row && ({ ...row, key } as TransactionRecord);
  };
  hurry = (key: string, by: Date) => void this.deadlines.set(key, by);
  submit = async ({ key }: { key: string }) => {
    if (this.refusal !== undefined) throw this.refusal;
    this.settle(key, 'broadcast');
    return this.rows.get(key) as TransactionRecord;
  };

  settle(key: string, status: Row['status'], blockNumber: bigint | null = null, updatedAt = new Date()): void {
    this.rows.set(key, { status, blockNumber, updatedAt });
  }
}

function setUp() {
  const transactions = new Transactions();
  const vitals = new Vitals();
  return { transactions, vitals, effects: new Effects(transactions, vitals, log) };
}

const LONG_AGO = new Date(0);

describe('Effects', () => {
  it('sends once, however often it is asked while the transaction is on its way', async () => {
    const { transactions, effects } = setUp();

    expect(await effects.perform('refund:7', call, 10n)).toEqual({ result: 'sent' });
    expect(await effects.perform('refund:7', call, 11n)).toEqual({ result: 'pending' });
    expect([...transactions.rows.keys()]).toEqual(['refund:7#1']);
  });

  it('says until when the transaction of an effect has to be mined, each time it is asked', async () => {
    const { transactions, effects, vitals } = setUp();
    await effects.perform('refund:7', call, 10n, new Date(1_000));
    expect(transactions.deadlines).toEqual(new Map([['refund:7#1', new Date(1_000)]]));

    await new Effects(transactions, vitals, log).perform('refund:7', call, 11n, new Date(2_000));
    expect(transactions.deadlines).toEqual(new Map([['refund:7#1', new Date(2_000)]]));
  });

  it('knows after a restart what an earlier life has sent', async () => {
    const { transactions, effects, vitals } = setUp();
    await effects.perform('refund:7', call, 10n);

    const next = new Effects(transactions, vitals, log);

    expect(await next.perform('refund:7', call, 11n)).toEqual({ result: 'pending' });
  });

  it('asks for newer facts when the last attempt was mined after they were read', async () => {
    const { transactions, effects } = setUp();
    transactions.settle('refund:7#1', 'confirmed', 12n, LONG_AGO);

    expect(await effects.perform('refund:7', call, 11n)).toEqual({ result: 'stale' });
  });

  it('makes another attempt when facts read after the last one still call for it', async () => {
    const { transactions, effects } = setUp();
    transactions.settle('refund:7#1', 'failed', 12n, LONG_AGO);

    expect(await effects.perform('refund:7', call, 12n)).toEqual({ result: 'sent' });
    expect([...transactions.rows.keys()]).toEqual(['refund:7#1', 'refund:7#2']);
  });

  it('is in no hurry to repeat what has just failed', async () => {
    const { transactions, effects } = setUp();
    transactions.settle('refund:7#1', 'failed', 12n);

    expect(await effects.perform('refund:7', call, 12n)).toEqual({ result: 'pending' });
  });

  it('sends nothing that the chain would refuse, and names the reason', async () => {
    const { transactions, effects } = setUp();
    transactions.refusal = new DomainError('ContractReverted', 'The contract refused.', {
      data: { errorName: 'InferenceOracle_DeadlineNotPassed' },
    });

    expect(await effects.perform('refund:7', call, 10n)).toEqual({
      result: 'refused',
      reason: 'InferenceOracle_DeadlineNotPassed',
    });
    expect(transactions.rows.size).toBe(0);
  });

  it('reports missing funds until the effect is paid for, or not wanted any more', async () => {
    const { transactions, effects, vitals } = setUp();
    transactions.refusal = new DomainError('InsufficientFunds', 'Too little.', { retryable: true });

    expect(await effects.perform('refund:7', call, 10n)).toEqual({ result: 'unfunded' });
    expect(await effects.perform('assert:8:1', call, 10n)).toEqual({ result: 'unfunded' });
    expect(vitals.problems()).toEqual([`funds: ${ME} cannot pay for assert:8:1: send ETH to it`]);

    effects.forget('refund:7');
    expect(vitals.problems()).toHaveLength(1);
    transactions.refusal = undefined;
    await effects.perform('assert:8:1', call, 11n);
    expect(vitals.problems()).toEqual([]);
  });

  it('passes on what it does not know', async () => {
    const { transactions, effects } = setUp();
    transactions.refusal = new DomainError('RpcUnavailable', 'Down.', { retryable: true });

    await expect(effects.perform('refund:7', call, 10n)).rejects.toThrow('Down.');
  });
});
