import { answerGuard } from './answer-guard.js';

const ORACLE = `0x${'0a'.repeat(20)}` as const;
const STATUS = { none: 0, open: 1, asserted: 2, final: 3, refunded: 4 } as const;

/** On a chain where request 7 has `status`, and where there is no other. */
function guard(status: number) {
  const readContract = async ({ address, args }: { address: string; args: [bigint] }) => ({
    status: address === ORACLE && args[0] === 7n ? status : STATUS.none,
  });
  return answerGuard({ readContract } as never, ORACLE);
}

describe('answerGuard', () => {
  it.each(['open', 'asserted', 'final', 'refunded'] as const)(
    'lets an answer through to a request that is %s: the contract judges it',
    async (status) => {
      expect(await guard(STATUS[status])({ key: 'assert:7:1#2' })).toBe(true);
    },
  );

  it('holds an answer back whose request is gone', async () => {
    expect(await guard(STATUS.none)({ key: 'assert:7:1#1' })).toBe(false);
    expect(await guard(STATUS.open)({ key: 'assert:8:1#1' })).toBe(false);
  });

  it('says nothing of transactions that are no answers', async () => {
    expect(await guard(STATUS.none)({ key: 'finalize:7:1#1' })).toBe(true);
  });
});
