import { jest } from '@jest/globals';
import { conformanceVectors } from '@openimo/donnx/conformance';
import { DomainError } from '@openimo/domain';
import { type RuntimeFault, testRuntime } from '@openimo/inference';
import { createLogger, Vitals } from '@openimo/service';
import { SelfTest } from './self-test.js';

const log = createLogger({ name: 'test', logLevel: 'silent' });

const fault = (operator: string): RuntimeFault => ({ operator, vector: `${operator}: some`, error: null });

function setUp(...outcomes: (readonly RuntimeFault[] | Error)[]) {
  const test = jest.fn(async () => {
    const outcome = outcomes.shift()!;
    if (outcome instanceof Error) throw outcome;
    return outcome;
  });
  const vitals = new Vitals();
  return { test, vitals, selfTest: new SelfTest(test, vitals, log) };
}

describe('SelfTest', () => {
  it('finds the runtime sound that has no faults, and tests it once', async () => {
    const { selfTest, vitals, test } = setUp([]);

    expect(await selfTest.verdict()).toEqual({ sound: true });
    expect(await selfTest.verdict()).toEqual({ sound: true });
    expect(test).toHaveBeenCalledTimes(1);
    expect(vitals.problems()).toEqual([]);
  });

  it('names the operators that a runtime computes otherwise, for good, and the node is not ready', async () => {
    const { selfTest, vitals } = setUp([fault('MatMulInteger'), fault('MatMulInteger'), fault('Mul')]);

    expect(selfTest.latest).toBeUndefined();
    const verdict = await selfTest.verdict();
    expect(selfTest.latest).toBe(verdict);

    expect(verdict).toEqual({
      sound: false,
      final: true,
      reason: expect.stringContaining('computes MatMulInteger, Mul otherwise than the specification'),
    });
    expect(vitals.problems()).toEqual([expect.stringMatching(/^runtime: RuntimeDisagrees: .*MatMulInteger, Mul/)]);
  });

  it('tests again where a test did not come to an end', async () => {
    const { selfTest, vitals } = setUp(new DomainError('RuntimeNotTested', 'It took too long.'), []);

    expect(await selfTest.verdict()).toEqual({
      sound: false,
      final: false,
      reason: expect.stringContaining('It took too long.'),
    });
    expect(vitals.problems()).toHaveLength(1);
    expect(await selfTest.verdict()).toEqual({ sound: true });
    expect(vitals.problems()).toEqual([]);
  });

  it('tells a real runtime from one that answers otherwise than the vectors say', async () => {
    const [first, second, ...rest] = conformanceVectors();
    const tampered = [first!, { ...second!, outputHash: first!.outputHash }, ...rest];
    const vitals = new Vitals();

    expect(await new SelfTest(() => testRuntime(), vitals, log).verdict()).toEqual({ sound: true });
    expect(await new SelfTest(() => testRuntime({ vectors: tampered }), vitals, log).verdict()).toMatchObject({
      sound: false,
      reason: expect.stringContaining(second!.operator),
    });
  }, 60_000);
});
