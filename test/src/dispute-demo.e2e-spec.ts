import { openimo, temporaryFolder } from './support/openimo.js';

interface Told {
  convicted: boolean;
  transactions: number;
  gas: number;
  maxCalldata: number;
  seconds: number;
  proofGas: number;
}

/** A dispute about one byte of a text, on a stack that the demo starts for itself: a real node watches, and an operator lies. */
describe('openimo demo dispute --json', () => {
  let told: Told;
  let stderr: string;

  beforeAll(async () => {
    const demo = await openimo(await temporaryFolder(), 'demo', 'dispute', '--json');
    ({ stderr } = demo);
    if (demo.code !== 0) throw new Error(`The demo failed:\n${demo.stderr}\n${demo.stdout}`);
    told = JSON.parse(demo.stdout.trim().split('\n').at(-1)!) as Told;
  }, 600_000);

  it('convicts the operator', () => {
    expect(told.convicted).toBe(true);
    expect(stderr).toMatch(/slashed .*burned/s);
  });

  it('takes what a dispute about a million parameters may take', () => {
    expect(told.transactions).toBeLessThanOrEqual(11);
    expect(told.gas).toBeLessThanOrEqual(850_000);
    expect(told.proofGas).toBeLessThanOrEqual(210_000);
    const [, total] = /(\d+) bytes of calldata/.exec(stderr)!;
    expect(Number(total)).toBeLessThanOrEqual(12_000);
    expect(told.maxCalldata).toBeLessThan(Number(total));
  });

  it('lets the client that asked have the right text', () => {
    const [, right] = /the model writes\s+(".*")/.exec(stderr)!;
    const [, lie] = /Mallory answers\s+(".*")/.exec(stderr)!;
    const [, got] = /the client has\s+(".*")/.exec(stderr)!;
    expect(lie).not.toBe(right);
    expect(got).toBe(right);
  });

  it('is told by GraphQL move by move as it was on the chain', () => {
    expect(stderr).toMatch(/equal\s+\d\d figures of GraphQL and of the chain/);
  });
});
