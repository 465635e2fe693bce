import { inferenceOracleAbi } from '@openimo/contracts';
import { encodeAbiParameters, encodeEventTopics, type Log, parseEventLogs } from 'viem';
import { readWatchLogs } from './watch-logs.js';

const ME = '0x00000000000000000000000000000000000000A1';
const OTHER = '0x00000000000000000000000000000000000000b2';
const BLOCK_HASH = `0x${'cd'.repeat(32)}` as const;
const ROOT = `0x${'ab'.repeat(32)}` as const;
const NOW = 1_000;

function asserted({ operator = OTHER as `0x${string}`, versionId = 1n, finalAt = 1_001n } = {}): Log {
  const topics = encodeEventTopics({
    abi: inferenceOracleAbi,
    eventName: 'OutputAsserted',
    args: { requestId: 7n, operator, versionId },
  });
  const data = encodeAbiParameters(
    [{ type: 'bytes32' }, { type: 'uint256' }, { type: 'uint256' }, { type: 'uint32' }, { type: 'bytes[]' }],
    [ROOT, 5n, finalAt, 2, ['0x01']],
  );
  return { topics, data, blockNumber: 9n, blockHash: BLOCK_HASH } as unknown as Log;
}

const read = (...logs: Log[]) =>
  readWatchLogs(parseEventLogs({ abi: inferenceOracleAbi, logs }), {
    me: ME,
    isWatched: (versionId) => versionId === 1n,
    now: NOW,
  });

describe('readWatchLogs', () => {
  it('takes what another operator answered', () => {
    expect(read(asserted())).toEqual([
      {
        requestId: 7n,
        round: 2,
        versionId: 1n,
        operator: OTHER,
        outputRoot: ROOT,
        blockNumber: 9n,
        blockHash: BLOCK_HASH,
        finalAt: new Date(1_001_000),
      },
    ]);
  });

  it.each([
    ['our own', { operator: '0x00000000000000000000000000000000000000a1' as const }],
    ['those of versions that are not watched', { versionId: 2n }],
    ['those that cannot be disputed any more', { finalAt: BigInt(NOW) }],
  ])('leaves out %s', (_, answer) => {
    expect(read(asserted(answer))).toEqual([]);
  });
});
