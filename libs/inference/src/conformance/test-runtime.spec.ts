import { conformanceVectors } from '@openimo/donnx/conformance';
import { testRuntime } from './test-runtime.js';

describe('testRuntime', () => {
  it('finds nothing in a runtime that computes as the specification does', async () => {
    expect(await testRuntime()).toEqual([]);
  }, 60_000);

  it('names what a runtime computes otherwise, and what it does not load', async () => {
    const [good, other, broken] = conformanceVectors()
      .slice(0, 3)
      .map((vector) => ({ ...vector }));
    const zeros = `0x${'00'.repeat(32)}` as const;
    const vectors = [good!, { ...other!, outputHash: zeros }, { ...broken!, model: Uint8Array.of(1, 2, 3) }];

    const faults = await testRuntime({ vectors });

    expect(faults).toEqual([
      { operator: other!.operator, vector: other!.name, error: null },
      { operator: broken!.operator, vector: broken!.name, error: expect.stringContaining('protobuf') },
    ]);
  }, 60_000);

  it('says when the test did not come to an end', async () => {
    await expect(testRuntime({ timeoutMs: 1 })).rejects.toMatchObject({ code: 'RuntimeNotTested', retryable: true });
  });
});
