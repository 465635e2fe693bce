import { jest } from '@jest/globals';
import { DomainError, type Hex, type ModelStore } from '@openimo/domain';
import type { ModelReport } from '@openimo/inference';
import type { VersionFacts } from '../protocol/protocol.js';
import type { RuntimeVerdict } from '../self-test/self-test.js';
import { ModelCatalogue } from './model-catalogue.js';

const HASH = `0x${'ab'.repeat(32)}` as const;
const ROOT = `0x${'ef'.repeat(32)}` as const;
const version: VersionFacts = {
  versionId: 1n,
  familyId: 1n,
  publishedAt: 1,
  fileHash: HASH,
  io: { minInput: 64, maxInput: 64, minOutput: 48, maxOutput: 48, context: 0 },
};
const report = { sha256: HASH, inputBytes: 64, outputBytes: 48 } as ModelReport;

function setUp({ sha256 = HASH, ...lengths }: Partial<ModelReport> = {}) {
  const files = new Set<string>([HASH]);
  const store = {
    pathOf: async (hash: string) => {
      if (files.has(hash)) return `/models/${hash}`;
      throw new DomainError('ModelNotFound', 'No such model.');
    },
  } as unknown as ModelStore;
  const check = jest.fn(async () => ({ ...report, sha256, ...lengths }));
  const selfTest = { verdict: jest.fn(async (): Promise<RuntimeVerdict> => ({ sound: true })) };
  const attester = { attest: jest.fn(async (): Promise<Hex> => ROOT) };
  return { files, check, selfTest, attester, catalogue: new ModelCatalogue({ store, check, selfTest, attester }) };
}

describe('ModelCatalogue', () => {
  it('finds a file fit that is what the registry says, and checks it once', async () => {
    const { catalogue, check } = setUp();

    expect(await catalogue.verdict(version)).toEqual({ fit: true });
    expect(await catalogue.verdict(version)).toEqual({ fit: true });
    expect(await catalogue.verdict({ ...version, versionId: 2n })).toEqual({ fit: true });
    expect(check).toHaveBeenCalledTimes(1);
  });

  it('looks again for a file that was missing', async () => {
    const { catalogue, files } = setUp();
    files.clear();
    expect(await catalogue.verdict(version)).toMatchObject({ fit: false, final: false });

    files.add(HASH);
    expect(await catalogue.verdict(version)).toEqual({ fit: true });
  });

  it.each([
    ['input', { inputBytes: 65 }],
    ['output', { outputBytes: 47 }],
  ])('refuses a model whose %s is not as long as the registry says', async (_, lengths) => {
    const { catalogue } = setUp(lengths);

    expect(await catalogue.verdict(version)).toEqual({
      fit: false,
      final: true,
      reason: expect.stringContaining('WrongIOLength'),
    });
  });

  describe('of a version that writes text', () => {
    const text = { ...version, io: { minInput: 1, maxInput: 63, minOutput: 0, maxOutput: 40, context: 64 } };
    const signature = (context: number, answers = 1): Partial<ModelReport> => ({
      inputs: [{ name: 'text', datatype: 'UINT8', shape: [context] }],
      outputs: [{ name: 'next', datatype: 'UINT8', shape: [answers] }],
      inputBytes: context,
      outputBytes: answers,
    });

    it('finds a file fit that reads the context and answers one byte', async () => {
      expect(await setUp(signature(64)).catalogue.verdict(text)).toEqual({ fit: true });
    });

    it.each([
      ['reads another context', signature(65)],
      ['answers more than a byte', signature(64, 2)],
    ])('refuses a file that %s', async (_, report) => {
      expect(await setUp(report).catalogue.verdict(text)).toEqual({
        fit: false,
        final: true,
        reason: expect.stringContaining('WrongContext'),
      });
    });

    it('does not serve the file as text where the registry does not say so', async () => {
      expect(
        await setUp(signature(64)).catalogue.verdict({ ...version, io: { ...text.io, context: 0 } }),
      ).toMatchObject({
        fit: false,
        final: true,
      });
    });
  });

  it('does not trust the name of a file', async () => {
    const { catalogue } = setUp({ sha256: `0x${'cd'.repeat(32)}` });

    expect(await catalogue.verdict(version)).toMatchObject({ fit: false, reason: 'the stored file has another hash' });
  });

  it('refuses for good what fails the checks, and for now what the machine had no room for', async () => {
    const { catalogue, check } = setUp();
    check.mockRejectedValueOnce(new DomainError('ModelOutOfMemory', 'Too big for now.'));
    expect(await catalogue.verdict(version)).toMatchObject({ fit: false, final: false });

    check.mockRejectedValueOnce(new DomainError('ModelMalformed', 'Not a model.'));
    expect(await catalogue.verdict(version)).toEqual({
      fit: false,
      final: true,
      reason: 'ModelMalformed: Not a model.',
    });
    expect(await catalogue.verdict(version)).toMatchObject({ final: true });
  });

  describe('of a version with a model root', () => {
    const rooted = { ...version, modelRoot: ROOT };

    it('attests the root that it recomputed from the file', async () => {
      const { catalogue, attester } = setUp();

      expect(await catalogue.verdict(rooted)).toEqual({ fit: true, modelRoot: ROOT });
      expect(attester.attest).toHaveBeenCalledWith(HASH, `/models/${HASH}`, { timeoutMs: 15_000 });
    });

    it('refuses for good where the registry names another root', async () => {
      const { catalogue } = setUp();

      expect(await catalogue.verdict({ ...version, modelRoot: HASH })).toEqual({
        fit: false,
        final: true,
        reason: expect.stringMatching(/^ModelRootWrong: .*0xabab.*0xefef.*Publish a version with the right root/),
      });
    });

    it('recomputes nothing where the registry names no root', async () => {
      const { catalogue, attester } = setUp();
      await catalogue.verdict(version);

      expect(attester.attest).not.toHaveBeenCalled();
    });

    it.each([
      ['for good where the file is outside of the profile', 'OperatorNotAllowed', true],
      ['for good where onnxruntime runs it otherwise', 'RuntimeDisagrees', true],
      ['for now where there was no time for it', 'ProfileTimedOut', false],
    ])('refuses %s', async (_, code, final) => {
      const { catalogue, attester } = setUp();
      attester.attest.mockRejectedValueOnce(new DomainError(code, 'No root.'));

      expect(await catalogue.verdict(rooted)).toEqual({ fit: false, final, reason: `${code}: No root.` });
    });
  });

  describe('where files take too long', () => {
    const LIMITS = { firstMs: 40, mostMs: 640 };
    const hashOf = (n: number): Hex => `0x${n.toString(16).padStart(64, '0')}`;
    const hostile = (n: number): VersionFacts => ({ ...version, versionId: BigInt(n), fileHash: hashOf(n) });

    /** Files with numbers above zero take for ever. */
    function setUpSlow() {
      const looks: { path: string; timeoutMs: number }[] = [];
      const inHand = new Set<string>();
      let mostAtOnce = 0;
      const check = async (path: string, { timeoutMs }: { timeoutMs: number }) => {
        looks.push({ path, timeoutMs });
        inHand.add(path);
        mostAtOnce = Math.max(mostAtOnce, inHand.size);
        if (path !== HASH) await new Promise((resolve) => setTimeout(resolve, timeoutMs));
        inHand.delete(path);
        if (path !== HASH) throw new DomainError('ModelTimedOut', 'Too slow.');
        return report;
      };
      const store = { pathOf: async (hash: Hex) => hash };
      const selfTest = { verdict: async (): Promise<RuntimeVerdict> => ({ sound: true }) };
      const attester = { attest: async () => ROOT };
      const catalogue = new ModelCatalogue({ store, check, selfTest, attester } as never, LIMITS);
      return { catalogue, looks, mostAtOnce: () => mostAtOnce };
    }

    it('looks at a few side by side, so that one that was published after ten others is not held up', async () => {
      const { catalogue, looks, mostAtOnce } = setUpSlow();
      const slow = Array.from({ length: 10 }, (_, i) => catalogue.verdict(hostile(i + 1)));

      expect(await catalogue.verdict({ ...version, versionId: 99n, familyId: 2n })).toEqual({ fit: true });

      // Behind the first three of the other family, with whatever began while it was looked at.
      expect(looks.length).toBeLessThanOrEqual(6);
      for (const verdict of await Promise.all(slow)) expect(verdict).toMatchObject({ fit: false, final: false });
      expect(mostAtOnce()).toBe(3);
    });

    it('looks for longer each time and ever more seldom, and says meanwhile what it saw', async () => {
      const { catalogue, looks } = setUpSlow();
      const first = await catalogue.verdict(hostile(1));

      expect(await catalogue.verdict(hostile(1))).toBe(first);
      expect(await catalogue.verdict({ ...hostile(1), versionId: 77n })).toBe(first);
      expect(looks).toHaveLength(1);

      const looked = performance.now();
      while (looks.length < 2) {
        await catalogue.verdict(hostile(1));
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      expect(looks[1]!.timeoutMs).toBe(4 * looks[0]!.timeoutMs);
      expect(performance.now() - looked).toBeGreaterThan(2 * LIMITS.firstMs);
    });

    it('looks at a file once of which two versions were published', async () => {
      const { catalogue, looks } = setUpSlow();

      const [one, other] = await Promise.all([
        catalogue.verdict(hostile(1)),
        catalogue.verdict({ ...hostile(1), versionId: 2n }),
      ]);

      expect(other).toBe(one);
      expect(looks).toHaveLength(1);
    });
  });

  it('serves nothing on a machine whose runtime disagrees with the specification', async () => {
    const { catalogue, selfTest, check } = setUp();
    selfTest.verdict.mockResolvedValue({ sound: false, final: true, reason: 'RuntimeDisagrees: MatMulInteger' });

    expect(await catalogue.verdict(version)).toEqual({
      fit: false,
      final: true,
      reason: 'RuntimeDisagrees: MatMulInteger',
    });
    expect(check).not.toHaveBeenCalled();
  });
});
