import { jest } from '@jest/globals';
import { conformanceVectors, goldenInput, hashOfOutput } from '@openimo/donnx/conformance';
import { DomainError, type ModelDescription, type Sha256 } from '@openimo/domain';
import type { ModelProfile } from '@openimo/inference';
import type { StoredProfile } from '@openimo/persistence';
import { createLogger, Vitals } from '@openimo/service';
import { RootAttester } from './root-attester.js';

const FILE: Sha256 = `0x${'ab'.repeat(32)}`;
const ROOT = `0x${'ef'.repeat(32)}` as const;
const PATH = '/models/ab.onnx';
const { inputs, outputs } = conformanceVectors()[0]!;
const inputBytes = inputs[0]!.shape.reduce((product, size) => product * size, 1);

/** Somebody whose runtime gives the golden input back, and a specification that does so too. */
function setUp({ goldenHash = hashOfOutput(goldenInput(FILE, inputBytes)), sha256 = FILE } = {}) {
  const rows = new Map<Sha256, StoredProfile>();
  const profiles = {
    find: async (hash: Sha256) => rows.get(hash),
    keep: async (hash: Sha256, row: StoredProfile) => void rows.set(hash, row),
  };
  const profile = jest.fn(async (): Promise<ModelProfile> => ({ sha256, modelRoot: ROOT, goldenHash }));
  const runner = {
    describe: async () => ({ inputs, outputs }) as ModelDescription,
    run: jest.fn(async (_: Sha256, input: Uint8Array) => input),
  };
  const vitals = new Vitals();
  const log = createLogger({ name: 'test', logLevel: 'silent' });
  const start = () => new RootAttester(profiles, profile, runner, vitals, log);
  return { rows, profile, runner, vitals, start };
}

describe('RootAttester', () => {
  it('attests the root of a file that runs as the specification says, and computes it once', async () => {
    const { start, profile, runner } = setUp();
    const attester = start();

    expect(await Promise.all([attester.attest(FILE, PATH, { timeoutMs: 9 }), attester.attest(FILE, PATH)])).toEqual([
      ROOT,
      ROOT,
    ]);
    expect(profile).toHaveBeenCalledTimes(1);
    expect(profile).toHaveBeenCalledWith(PATH, { timeoutMs: 9 });
    expect(runner.run).toHaveBeenCalledTimes(1);
  });

  it('computes nothing again after a restart, but tries the runtime again', async () => {
    const { start, profile, runner } = setUp();
    await start().attest(FILE, PATH);

    expect(await start().attest(FILE, PATH)).toBe(ROOT);
    expect(profile).toHaveBeenCalledTimes(1);
    expect(runner.run).toHaveBeenCalledTimes(2);
  });

  it('refuses a model that the runtime answers otherwise, and warns of it, though the node is ready for others', async () => {
    const { start, vitals } = setUp({ goldenHash: `0x${'00'.repeat(32)}` });
    const attester = start();

    await expect(attester.attest(FILE, PATH)).rejects.toMatchObject({ code: 'RuntimeDisagrees' });
    expect(attester.disagreesOn(FILE)).toBe(true);
    expect(vitals.warnings()).toEqual([expect.stringContaining(`runs model ${FILE} otherwise`)]);
    expect(vitals.problems()).toEqual([]);
  });

  it('keeps nothing of a file that changed meanwhile', async () => {
    const { start, rows } = setUp({ sha256: `0x${'cd'.repeat(32)}` });

    await expect(start().attest(FILE, PATH)).rejects.toMatchObject({ code: 'ModelCorrupt', retryable: true });
    expect(rows.size).toBe(0);
  });

  it('tries again where the runner had no time', async () => {
    const { start, runner } = setUp();
    const attester = start();
    runner.run.mockRejectedValueOnce(new DomainError('QueueFull', 'Later.', { retryable: true }));

    await expect(attester.attest(FILE, PATH)).rejects.toMatchObject({ code: 'QueueFull' });
    expect(await attester.attest(FILE, PATH)).toBe(ROOT);
  });
});
