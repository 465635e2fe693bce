import { type FollowedLogs, readRequestLogs } from './request-logs.js';

const ALICE = '0x00000000000000000000000000000000000000a1';
const CLIENT = '0x00000000000000000000000000000000000000c1';
const HASH = `0x${'cd'.repeat(32)}`;

const at = { blockNumber: 5n, blockHash: HASH };
const bytesOf = (requestId: bigint) => ({
  ...at,
  eventName: 'AICallbackRequest',
  args: { requestId, input: '0x0102', callbackContract: CLIENT, gasLimit: 60_000n, callbackData: '0x09' },
});
const termsOf = (requestId: bigint, versionId = 1n) => ({
  ...at,
  eventName: 'RequestOpened',
  args: {
    requestId,
    versionId,
    account: ALICE,
    batchSize: 2n,
    deadline: 1_700_000_000n,
    options: { mode: 0, maxFee: 2n ** 200n },
  },
});
const read = (logs: unknown[], isServed: (versionId: bigint) => boolean = () => true) =>
  readRequestLogs(logs as FollowedLogs, isServed);

describe('readRequestLogs', () => {
  it('puts a request together from its two events', () => {
    expect(read([bytesOf(7n), termsOf(7n)])).toEqual({
      opened: [
        {
          requestId: 7n,
          versionId: 1n,
          account: ALICE,
          batchSize: 2,
          input: '0x0102',
          callbackContract: CLIENT,
          callbackGasLimit: 60_000n,
          callbackData: '0x09',
          options: { mode: 0, maxFee: (2n ** 200n).toString() },
          blockNumber: 5n,
          blockHash: HASH,
          deadline: new Date(1_700_000_000_000),
        },
      ],
      touched: [7n],
      published: false,
    });
  });

  it('leaves out versions the operator does not serve', () => {
    expect(read([bytesOf(7n), termsOf(7n, 2n)], (versionId) => versionId === 1n).opened).toEqual([]);
  });

  it.each(['OutputAsserted', 'AssertionVoided', 'RequestFinalized', 'RequestRefunded'])(
    'is touched by %s',
    (eventName) => {
      expect(read([{ ...at, eventName, args: { requestId: 9n } }]).touched).toEqual([9n]);
    },
  );

  it('names a request once', () => {
    const finalized = { ...at, eventName: 'RequestFinalized', args: { requestId: 7n } };

    expect(read([bytesOf(7n), termsOf(7n), finalized]).touched).toEqual([7n]);
  });

  it('hears of new versions, and nothing in what does not concern it', () => {
    expect(read([{ ...at, eventName: 'VersionPublished', args: {} }]).published).toBe(true);
    expect(read([{ ...at, eventName: 'CreditAdded', args: {} }])).toEqual({
      opened: [],
      touched: [],
      published: false,
    });
  });
});
