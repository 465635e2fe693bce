import type { ConformanceRow } from './conform.js';
import { featuresOf } from './machine.js';
import { rowsOf } from './rows.js';

async function all(rows: AsyncIterable<ConformanceRow>): Promise<ConformanceRow[]> {
  const found: ConformanceRow[] = [];
  for await (const row of rows) found.push(row);
  return found;
}

describe('npm run conformance', () => {
  it.each([
    { runtime: 'onnxruntime-node', threads: 2 },
    { runtime: 'onnxruntime-web', threads: 1 },
  ] as const)('finds the same bytes in $runtime: vectors, tensors and a text', async (configuration) => {
    const rows = await all(rowsOf(configuration, { isSample: true, levels: ['all'] }));

    expect(rows).toEqual([
      expect.objectContaining({ ...configuration, level: 'all', version: '1.30.0', disagree: [] }),
    ]);
    expect(rows[0]!.cases).toBeGreaterThan(300);
    expect(rows[0]!.agree).toBe(rows[0]!.cases);
  });

  it('counts a runtime that dies as one that disagrees', async () => {
    const none = 'onnxruntime-none' as 'onnxruntime-web';

    const [row, ...others] = await all(rowsOf({ runtime: none, threads: 1 }, { levels: ['disabled', 'all'] }));

    expect(row).toMatchObject({ level: 'disabled', cases: 1, agree: 0, disagree: [expect.stringContaining('early')] });
    expect(others).toEqual([]);
  });

  it('says by which instructions the runtime chooses its kernels', () => {
    expect(featuresOf('x64', 'flags\t\t: fpu sse4_1 avx avx2 avx512bw avx512_vnni\n')).toBe('avx512_vnni');
    expect(featuresOf('x64', 'flags\t\t: fpu sse4_1 avx avx2\n')).toBe('avx2');
    expect(featuresOf('arm64', 'Features\t: fp asimd crc32 asimddp\n')).toBe('asimddp');
    expect(featuresOf('arm64', '')).toBe('unknown');
  });
});
