import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { isDomainError } from '@openimo/domain';
import { growingModel } from '../testing/heavy-models.js';
import { childOf, eventually, isAlive } from '../testing/processes.js';
import { buildModel, buildNode, buildShape, buildTensor, buildValue, INT8, UINT8 } from '../testing/onnx-builder.js';
import { checkModel } from './check-model.js';

const MIB = 2 ** 20;

/** The refusal of a check, and how long it took. */
async function refusalOf(...args: Parameters<typeof checkModel>) {
  const start = performance.now();
  const error: unknown = await checkModel(...args).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isDomainError(error)) throw new Error('the check was not refused by a DomainError', { cause: error });
  return { code: error.code, message: error.message, data: error.data, ms: performance.now() - start };
}

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'check-spec-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('checkModel', () => {
  it('reports on a file and on its bytes alike, with one run on zeros', async () => {
    const path = join(folder, 'model.onnx');
    await writeFile(path, buildModel());

    const { testRun, ...report } = await checkModel(path);
    const { testRun: again, ...sameReport } = await checkModel(buildModel());

    expect(report).toEqual(sameReport);
    expect(report).toMatchObject({ inputBytes: 4, outputBytes: 4, operators: { Identity: 1 } });
    for (const { loadMs, runMs, peakRssBytes } of [testRun, again]) {
      expect(loadMs).toBeGreaterThan(0);
      expect(runMs).toBeGreaterThan(0);
      expect(peakRssBytes).toBeGreaterThan(10 * MIB);
      expect(peakRssBytes).toBeLessThan(400 * MIB);
    }
  });

  it('leaves nothing behind in the temporary folder', async () => {
    const index = new URL('../../dist/index.js', import.meta.url);
    const script = `import { checkModel } from ${JSON.stringify(index)};
      await checkModel(Buffer.from('${Buffer.from(buildModel()).toString('hex')}', 'hex'));
      await checkModel(Uint8Array.of(1, 2, 3)).catch(() => console.log('refused'));`;

    const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      env: { TMPDIR: folder },
      encoding: 'utf8',
    });

    expect(output).toBe('refused\n');
    expect(await readdir(folder)).toEqual([]);
  });

  it('runs the child with an empty folder, an empty environment and no files to write', async () => {
    const seen = checkModel(growingModel(4000));
    const child = await eventually(() => childOf(process.pid, 'check-child.js'));

    const cwd = execFileSync('readlink', [`/proc/${child}/cwd`], { encoding: 'utf8' }).trim();
    const environment = execFileSync('cat', [`/proc/${child}/environ`], { encoding: 'utf8' });
    const limits = execFileSync('cat', [`/proc/${child}/limits`], { encoding: 'utf8' });

    expect(await readdir(cwd)).toEqual([]);
    expect(process.env.PATH).toBeDefined();
    expect(environment).not.toContain('PATH=');
    expect(limits).toMatch(/Max file size +0 /);
    expect(limits).toMatch(/Max core file size +0 /);
    await seen;
  });
});

describe('a file that cannot be a model', () => {
  it('is refused before it is read: missing, a folder, empty', async () => {
    const empty = join(folder, 'empty.onnx');
    await writeFile(empty, '');

    expect((await refusalOf(join(folder, 'missing.onnx'))).code).toBe('ModelFileNotFound');
    expect((await refusalOf(folder)).code).toBe('ModelFileNotRegular');
    expect((await refusalOf('/dev/zero')).code).toBe('ModelFileNotRegular');
    expect((await refusalOf(empty)).code).toBe('ModelFileEmpty');
  });

  it('is refused by its size alone: one gigabyte in no time', async () => {
    const path = join(folder, 'sparse.onnx');
    await writeFile(path, '');
    await truncate(path, 1024 * MIB);

    const { code, data, ms } = await refusalOf(path);

    expect(code).toBe('ModelFileTooLarge');
    expect(data).toEqual({ sizeBytes: 1024 * MIB, maxFileBytes: 256 * MIB });
    expect(ms).toBeLessThan(500);
  });

  it('is refused when cut off, and when it is a megabyte of zeros', async () => {
    const model = buildModel();

    expect((await refusalOf(model.subarray(0, model.length - 3))).code).toBe('ModelMalformed');
    expect((await refusalOf(new Uint8Array(MIB))).code).toBe('ModelMalformed');
  });

  it('is refused by a coded error whatever its bytes are', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 2_000 }), async (bytes) => {
        expect((await refusalOf(bytes)).code).toMatch(/^Model/);
      }),
      { numRuns: 10 },
    );
  });

  it('never crashes us when bytes of a model change: it is refused by a coded error or runs', async () => {
    const model = buildModel({
      node: [buildNode('Add', ['x', 'w'], ['s']), buildNode('Reshape', ['s', 'shape'], ['y'])],
      initializer: [buildTensor('w', UINT8, [4], { rawData: Uint8Array.of(1, 2, 3, 4) }), buildShape('shape', [4])],
    });
    await fc.assert(
      fc.asyncProperty(fc.nat(model.length - 1), fc.nat(255), async (position, value) => {
        const changed = Uint8Array.from(model);
        changed[position] = value;
        const error: unknown = await checkModel(changed).catch((reason: unknown) => reason);
        expect(isDomainError(error) || (error as { testRun: unknown }).testRun !== undefined).toBe(true);
      }),
      { numRuns: 30 },
    );
  });
});

describe('a model that reaches for other files', () => {
  it('is refused, also when its path leads out of its folder by a link', async () => {
    await symlink('/etc', join(folder, 'etc'));
    for (const location of ['../../../../etc/passwd', 'etc/passwd']) {
      const path = join(folder, 'model.onnx');
      const externalData = [{ key: 'location', value: location }];
      const initializer = [buildTensor('w', INT8, [4], { dataLocation: 1, externalData })];
      await writeFile(path, buildModel({ initializer }));

      const { code, data } = await refusalOf(path);

      expect(code).toBe('ExternalDataNotAllowed');
      expect(data).toMatchObject({ where: 'Initializer "w"', location });
    }
  });
});

describe('a model that the runtime refuses', () => {
  it('is refused with what the runtime says', async () => {
    const unknown = await refusalOf(buildModel({ node: [buildNode('NoSuchOperator', ['x'], ['y'])] }));
    expect(unknown.code).toBe('ModelDoesNotRun');
    expect(unknown.message).toContain('NoSuchOperator');

    const wrongShape = await refusalOf(buildModel({ output: [buildValue('y', UINT8, [5])] }));
    expect(wrongShape.code).toBe('ModelDoesNotRun');
  });
});

describe('a model that wants too much', () => {
  it('is refused without running when constants tell: 145 bytes that ask for 8.6 GB', async () => {
    const bomb = buildModel({
      node: [buildNode('ConstantOfShape', ['s'], ['y'])],
      initializer: [buildShape('s', [46_341, 46_341])],
    });
    expect(bomb.length).toBeLessThanOrEqual(145);

    expect((await refusalOf(bomb)).code).toBe('TensorTooLarge');
  });

  it('is refused by the kernel limit when one allocation is huge', async () => {
    const { code, message, ms } = await refusalOf(growingModel(100_000), { memoryLimitBytes: 512 * MIB });

    expect(code).toBe('ModelOutOfMemory');
    expect(message).toContain('Failed to allocate memory');
    expect(ms).toBeLessThan(10_000);
  });

  it('is refused by the watchdog when allocations add up', async () => {
    // 6,000² × 5 bytes = 180 MB beside the 100 MB that Node and onnxruntime take: no single allocation is over.
    const { code } = await refusalOf(growingModel(6_000), { memoryLimitBytes: 200 * MIB });

    expect(code).toBe('ModelOutOfMemory');
  });

  it('is refused when its file makes the decoder take too much', async () => {
    const shapes = Array.from({ length: 100_000 }, (_, index) => buildShape(`shape${index}`, [1, 2, 3]));

    const { code } = await refusalOf(buildModel({ initializer: shapes }), { memoryLimitBytes: 110 * MIB });

    expect(code).toBe('ModelOutOfMemory');
  });

  it('is refused when it takes too long, and its process is gone', async () => {
    const check = refusalOf(growingModel(12_000), { timeoutMs: 600 });
    const child = await eventually(() => childOf(process.pid, 'check-child.js'));

    const { code, ms } = await check;

    expect(code).toBe('ModelTimedOut');
    expect(ms).toBeGreaterThan(590);
    expect(ms).toBeLessThan(10_000);
    expect(isAlive(child)).toBe(false);
  });
});
