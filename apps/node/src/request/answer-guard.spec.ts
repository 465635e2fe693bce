import { inferenceOracleAbi } from '@openimo/contracts';
import type { Job } from '@openimo/persistence';
import { BlockNotFoundError, encodeFunctionData, type Hex } from 'viem';
import { answerGuard } from './answer-guard.js';

const HASH: Hex = `0x${'ab'.repeat(32)}`;
const job = { requestId: 7n, blockNumber: 5n, blockHash: HASH, outputs: ['0x0102'] } as unknown as Job;
const answer = (output: Hex) =>
  encodeFunctionData({ abi: inferenceOracleAbi, functionName: 'assertOutputs', args: [7n, [output]] });

function guard(known: Job | undefined, blocks: Record<string, Hex>) {
  const getBlock = async ({ blockNumber }: { blockNumber: bigint }) => {
    const hash = blocks[String(blockNumber)];
    if (hash === undefined) throw new BlockNotFoundError({ blockNumber });
    return { hash };
  };
  return answerGuard({ getBlock } as never, { find: async (id) => (id === 7n ? known : undefined) });
}

describe('answerGuard', () => {
  it('lets an answer through to the request it was computed for', async () => {
    expect(await guard(job, { 5: HASH })({ key: 'assert:7:1#2', data: answer('0x0102') })).toBe(true);
  });

  it.each([
    ['the block of the request is another', job, { 5: `0x${'cd'.repeat(32)}` }, '0x0102'],
    ['the block of the request is gone', job, {}, '0x0102'],
    ['the request has another answer', job, { 5: HASH }, '0x0103'],
    ['the request has no answer yet', { ...job, outputs: null }, { 5: HASH }, '0x0102'],
    ['the request is unknown', undefined, { 5: HASH }, '0x0102'],
  ] as const)('holds an answer back when %s', async (_, known, blocks, output) => {
    expect(await guard(known, blocks)({ key: 'assert:7:1#1', data: answer(output) })).toBe(false);
  });

  it('says nothing of transactions that are no answers', async () => {
    expect(await guard(undefined, {})({ key: 'finalize:7:1#1', data: '0x' })).toBe(true);
  });
});
