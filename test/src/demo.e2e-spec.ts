import { openimo, temporaryFolder } from './support/openimo.js';

interface Books {
  fees: string;
  paid: Record<'holders' | 'publisher' | 'operators' | 'lineage' | 'protocol', string>;
  dust: string;
  answers: { total: number; correct: number };
  claimed: string;
  refunded: string;
  reconciled: boolean;
  seconds: number;
}

const ONE_ETHER = 10n ** 18n;
const PRICE = ONE_ETHER / 50n;

/** The whole story through the command line, on a stack that the demo starts for itself and ends again. */
describe('openimo demo --json', () => {
  let books: Books;
  let stderr: string;

  beforeAll(async () => {
    const demo = await openimo(await temporaryFolder(), '--json', 'demo');
    ({ stderr } = demo);
    if (demo.code !== 0) throw new Error(`The demo failed:\n${demo.stderr}\n${demo.stdout}`);
    books = JSON.parse(demo.stdout.trim().split('\n').at(-1)!) as Books;
  });

  it('answers every request as a direct onnxruntime run does', () => {
    expect(books.answers.total).toBeGreaterThanOrEqual(12);
    expect(books.answers.correct).toBe(books.answers.total);
  });

  it('charges the price for every answer and nothing else', () => {
    expect(BigInt(books.fees)).toBe(BigInt(books.answers.total) * PRICE);
  });

  it('splits the fees without a remainder', () => {
    const parts = Object.values(books.paid).reduce((sum, part) => sum + BigInt(part), 0n);
    expect(parts).toBe(BigInt(books.fees));
    expect(books.dust).toBe('0');
  });

  it('pays everybody the share that was fixed at publication', () => {
    const share = (bps: bigint) => String((BigInt(books.fees) * bps) / 10_000n);
    expect(books.paid).toEqual({
      operators: share(2_000n),
      publisher: share(1_000n),
      lineage: share(1_000n),
      protocol: share(200n),
      holders: share(5_800n),
    });
  });

  it('streams to holders, who claim no more than their part', () => {
    expect(BigInt(books.claimed)).toBeGreaterThan(0n);
    expect(BigInt(books.claimed)).toBeLessThanOrEqual(BigInt(books.paid.holders));
  });

  it('refunds the failed sale, the oversubscription and the request that nobody answered', () => {
    // 2 ETH of the failed sale, 24 committed - 15 accepted, and the fee with its gas.
    expect(BigInt(books.refunded)).toBeGreaterThanOrEqual(11n * ONE_ETHER + PRICE);
    expect(BigInt(books.refunded)).toBeLessThan(11n * ONE_ETHER + PRICE + ONE_ETHER / 10n);
  });

  it('closes its books against the balances on the chain', () => {
    expect(books.reconciled).toBe(true);
  });

  it('tells through GraphQL what the chain says, figure by figure', () => {
    expect(stderr).toMatch(/equal\s+\d\d figures of GraphQL and of the chain/);
  });

  it('takes less than three minutes', () => {
    expect(books.seconds).toBeLessThan(180);
  });

  it('tells the story on stderr, one object on stdout', () => {
    expect(stderr).toContain('The books, from the chain');
  });
});
