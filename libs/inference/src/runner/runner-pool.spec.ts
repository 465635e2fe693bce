import { spawn } from 'node:child_process';
import { appendFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DomainError, type Sha256 } from '@openimo/domain';
import { FolderModelStore } from '../store/folder-model-store.js';
import { growingInput, growingModel } from '../testing/heavy-models.js';
import { buildModel, buildNode, buildValue, FLOAT, INT64 } from '../testing/onnx-builder.js';
import { eventually, isAlive } from '../testing/processes.js';
import { RunnerPool, type RunnerPoolOptions } from './runner-pool.js';

const MIB = 2 ** 20;

/** Takes seconds, and 180 MB. */
const LONG = growingInput(6_000);
const SHORT = growingInput(2);

let folder: string;
let store: FolderModelStore;
const opened: RunnerPool[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pool-spec-'));
  store = await FolderModelStore.open(folder);
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((pool) => pool.close()));
  await rm(folder, { recursive: true });
});

function openPool(options: Partial<RunnerPoolOptions> = {}): RunnerPool {
  const pool = new RunnerPool({ store, firstRestartDelayMs: 1, ...options });
  opened.push(pool);
  return pool;
}

async function putGrowing(base = 0): Promise<Sha256> {
  return (await store.put(growingModel(base))).sha256;
}

const isRefusal = (code: string, rest: Partial<DomainError> = {}): DomainError =>
  expect.objectContaining({ name: 'DomainError', code, ...rest }) as DomainError;

const codeOf = (run: Promise<unknown>): Promise<string> =>
  run.then(
    () => 'answered',
    (error: DomainError) => error.code,
  );

/** The number a growing model answers. */
const numberOf = (output: Uint8Array) => Number(new DataView(output.buffer, output.byteOffset).getBigInt64(0, true));

/** Waits until so many runs have begun and returns the process id the longest of them is in. */
function runningPid(pool: RunnerPool, runs = 1): Promise<number> {
  return eventually(async () =>
    pool
      .status()
      .find(({ running }) => running >= runs)
      ?.pids.at(-runs),
  );
}

describe('RunnerPool', () => {
  it('runs a model and describes it', async () => {
    const pool = openPool();
    const model = await putGrowing();

    expect(numberOf(await pool.run(model, SHORT))).toBe(2);

    expect(await pool.describe(model)).toEqual({
      sha256: model,
      inputs: [{ name: 'x', datatype: 'INT64', shape: [1] }],
      outputs: [{ name: 'y', datatype: 'INT64', shape: [1] }],
      inputBytes: 8,
      outputBytes: 8,
    });
    expect(pool.status()).toEqual([
      { sha256: model, state: 'ready', pids: [expect.any(Number)], running: 0, queued: 0, deaths: 0 },
    ]);
  });

  it.each([1, 2])('gives every run its own answer, with %d runners', async (runnersPerModel) => {
    const pool = openPool({ runnersPerModel });
    const [one, two] = [await putGrowing(), await putGrowing(100)];
    const numbers = Array.from({ length: 50 }, (_, index) => index + 1);

    const answers = await Promise.all(
      numbers.flatMap((n) => [pool.run(one, growingInput(n)), pool.run(two, growingInput(n))]),
    );

    expect(answers.map(numberOf)).toEqual(numbers.flatMap((n) => [n, n + 100]));
    await eventually(async () => pool.status().every(({ pids }) => pids.length === runnersPerModel), true);
  });

  it('puts several tensors one after another in graph order', async () => {
    const pair = buildModel({
      input: [buildValue('b', INT64, [1]), buildValue('a', INT64, [1])],
      output: [buildValue('difference', INT64, [1]), buildValue('again', INT64, [1])],
      node: [buildNode('Sub', ['a', 'b'], ['difference']), buildNode('Identity', ['b'], ['again'])],
    });
    const { sha256 } = await store.put(pair);

    const output = await openPool().run(sha256, Buffer.concat([growingInput(5), growingInput(12)]));

    expect(Buffer.from(output)).toEqual(Buffer.concat([growingInput(7), growingInput(5)]));
  });

  it('refuses an input of another length and says which one it takes, loaded or not', async () => {
    const pool = openPool();
    const model = await putGrowing();
    const refusal = isRefusal('WrongInputLength', { data: { expected: 8, actual: 7 }, retryable: false });

    await expect(pool.run(model, new Uint8Array(7))).rejects.toThrow(refusal);
    await expect(pool.run(model, new Uint8Array(7))).rejects.toThrow(refusal);
    expect(numberOf(await pool.run(model, SHORT))).toBe(2);
  });

  it('passes on what the runtime says about a run, and goes on', async () => {
    const pool = openPool();
    const model = await putGrowing();

    await expect(pool.run(model, growingInput(-5))).rejects.toThrow(isRefusal('RunFailed'));
    const pids = pool.status()[0]?.pids;

    expect(numberOf(await pool.run(model, SHORT))).toBe(2);
    expect(pool.status()[0]?.pids).toEqual(pids);
  });
});

describe('a runner that dies', () => {
  it('fails its run, which may be retried, and runs that wait are answered by its successor', async () => {
    const pool = openPool();
    const model = await putGrowing();
    await pool.load(model);
    const running = codeOf(pool.run(model, LONG));
    const waiting = pool.run(model, SHORT);
    const pid = await runningPid(pool);

    process.kill(pid, 'SIGKILL');

    expect(await running).toBe('RunnerCrashed');
    expect(numberOf(await waiting)).toBe(2);
    expect(pool.status()).toEqual([expect.objectContaining({ state: 'ready', deaths: 0 })]);
    expect(pool.status()[0]?.pids).not.toContain(pid);
  });

  it('leaves no run without an end, however often it happens', async () => {
    const pool = openPool({ deathsToCoolDown: 1_000, longestRestartDelayMs: 200 });
    const model = await putGrowing();
    const runs = Array.from({ length: 30 }, (_, index) => pool.run(model, growingInput(1_500 + index)));
    let kills = 0;
    const killer = setInterval(() => {
      for (const { pids } of pool.status()) for (const pid of pids) kills += Number(process.kill(pid, 'SIGKILL'));
      // On a busy machine none may live long enough to answer.
      if (kills >= 20) clearInterval(killer);
    }, 250);

    const ends = await Promise.allSettled(runs);
    clearInterval(killer);

    for (const [index, end] of ends.entries()) {
      if (end.status === 'fulfilled') expect(numberOf(end.value)).toBe(1_500 + index);
      else expect(end.reason).toEqual(isRefusal('RunnerCrashed', { retryable: true }));
    }
    expect(ends.some(({ status }) => status === 'fulfilled')).toBe(true);
    expect(kills).toBeGreaterThan(0);
    // The last runner may just have been killed; the pool finds its way back all the same.
    expect(['answered', 'RunnerCrashed']).toContain(await codeOf(pool.run(model, SHORT)));
    expect(numberOf(await pool.run(model, SHORT))).toBe(2);
  });

  it('while it waits is replaced before anybody asks', async () => {
    const pool = openPool();
    const model = await putGrowing();
    await pool.load(model);
    const [pid] = pool.status()[0]?.pids as [number];

    process.kill(pid, 'SIGKILL');

    const successor = await eventually(async () => pool.status()[0]?.pids.find((other) => other !== pid));
    expect(successor).not.toBe(pid);
    expect(pool.status()[0]?.deaths).toBe(1);
    expect(numberOf(await pool.run(model, SHORT))).toBe(2);
  });

  it('again and again makes the pool refuse runs for a while, and then try again', async () => {
    const pool = openPool({ deathsToCoolDown: 2, coolDownMs: 500 });
    const model = await putGrowing();
    await pool.load(model);
    const first = codeOf(pool.run(model, LONG));
    const second = codeOf(pool.run(model, LONG));
    const third = codeOf(pool.run(model, LONG));

    const pid = await runningPid(pool);
    process.kill(pid, 'SIGKILL');
    expect(await first).toBe('RunnerCrashed');
    process.kill(await runningPid(pool), 'SIGKILL');
    expect(await second).toBe('RunnerCrashed');

    expect(await third).toBe('RunnerUnavailable');
    await expect(pool.run(model, SHORT)).rejects.toThrow(isRefusal('RunnerUnavailable', { retryable: true }));
    expect(pool.status()[0]).toMatchObject({ state: 'refusing', deaths: 2, pids: [] });
    expect(await eventually(() => codeOf(pool.run(model, SHORT)), 'answered')).toBe('answered');
    expect(pool.status()[0]).toMatchObject({ state: 'ready', deaths: 0 });
  });
});

describe('two runners', () => {
  it('that are lost one by one, the last to a caller who gave up, leave no run waiting', async () => {
    const pool = openPool({ runnersPerModel: 2, deathsToCoolDown: 1, coolDownMs: 60_000 });
    const model = await putGrowing();
    await pool.load(model);
    await eventually(async () => pool.status()[0]?.pids.length, 2);
    const caller = new AbortController();
    const aborted = codeOf(pool.run(model, LONG, { signal: caller.signal }));
    const abortedPid = await runningPid(pool, 1);
    const crashed = codeOf(pool.run(model, LONG));
    await runningPid(pool, 2);
    const waiting = codeOf(pool.run(model, SHORT));
    const otherPid = pool.status()[0]?.pids.find((pid) => pid !== abortedPid) as number;

    process.kill(otherPid, 'SIGKILL');
    expect(await crashed).toBe('RunnerCrashed');
    caller.abort();

    expect(await Promise.all([aborted, waiting])).toEqual(['RunAborted', 'RunnerUnavailable']);
  });
});

describe('a run that wants too much', () => {
  it.each([
    ['time', { runTimeoutMs: 200 }, LONG, { code: 'RunTimedOut', data: { limitMs: 200 }, retryable: true }],
    ['memory at once', { memoryLimitBytes: 300 * MIB }, growingInput(100_000), { code: 'RunOutOfMemory' }],
    ['memory little by little', { memoryLimitBytes: 200 * MIB }, LONG, { code: 'RunOutOfMemory' }],
  ])('of %s is ended, and the next one runs', async (_, options, input, { code, ...rest }) => {
    const pool = openPool(options);
    const model = await putGrowing();
    await pool.load(model);
    const [pid] = pool.status()[0]?.pids as [number];

    await expect(pool.run(model, input)).rejects.toThrow(isRefusal(code, rest));

    expect(isAlive(pid)).toBe(false);
    expect(numberOf(await pool.run(model, SHORT))).toBe(2);
  });

  it('of the queue is refused at once and may come back', async () => {
    const pool = openPool({ queueLimit: 2 });
    const model = await putGrowing();
    const long = codeOf(pool.run(model, LONG));
    await runningPid(pool);
    const waiting = [pool.run(model, SHORT), pool.run(model, SHORT)];

    const refusal = isRefusal('QueueFull', { data: { queued: 2, limit: 2 }, retryable: true });
    await expect(pool.run(model, SHORT)).rejects.toThrow(refusal);

    expect(await long).toBe('answered');
    expect((await Promise.all(waiting)).map(numberOf)).toEqual([2, 2]);
  });
});

describe('a caller that gives up', () => {
  it('before its turn takes its run out of the queue', async () => {
    const pool = openPool();
    const model = await putGrowing();
    const long = pool.run(model, growingInput(2_000));
    const pid = await runningPid(pool);
    const caller = new AbortController();
    const waiting = codeOf(pool.run(model, LONG, { signal: caller.signal }));

    caller.abort();

    expect(await waiting).toBe('RunAborted');
    expect(numberOf(await long)).toBe(2_000);
    expect(pool.status()[0]).toMatchObject({ pids: [pid], queued: 0, running: 0 });
  });

  it('during its run ends the process, which counts against nobody', async () => {
    const pool = openPool({ deathsToCoolDown: 1 });
    const model = await putGrowing();
    const caller = new AbortController();
    await pool.load(model);
    const running = codeOf(pool.run(model, LONG, { signal: caller.signal }));
    const waiting = pool.run(model, SHORT);
    const pid = await runningPid(pool);

    caller.abort();

    expect(await running).toBe('RunAborted');
    expect(numberOf(await waiting)).toBe(2);
    expect(isAlive(pid)).toBe(false);
    expect(pool.status()[0]?.deaths).toBe(0);
  });

  it('beforehand starts nothing', async () => {
    const model = await putGrowing();
    await expect(openPool().run(model, SHORT, { signal: AbortSignal.abort() })).rejects.toThrow(
      isRefusal('RunAborted'),
    );
  });
});

describe('a model that cannot be loaded', () => {
  it('is refused with our reason or the runtime’s', async () => {
    const pool = openPool();
    const float = await store.put(buildModel({ input: [buildValue('x', FLOAT, [4])] }));
    const unknown = await store.put(buildModel({ node: [buildNode('NoSuchOperator', ['x'], ['y'])] }));

    await expect(pool.run(float.sha256, new Uint8Array(4))).rejects.toMatchObject({
      code: 'ModelDoesNotLoad',
      data: { reason: 'InputNotInteger' },
    });
    await expect(pool.describe(unknown.sha256)).rejects.toMatchObject({
      code: 'ModelDoesNotLoad',
      message: expect.stringContaining('NoSuchOperator') as string,
    });
  });

  it('is refused when it is not there, or has changed on disk', async () => {
    const pool = openPool({ maxModels: 1 });
    const model = await putGrowing();
    const other = await putGrowing(1);
    await pool.load(model);

    await expect(pool.run(`0x${'00'.repeat(32)}`, SHORT)).rejects.toThrow(isRefusal('ModelNotFound'));
    expect(pool.status()[0]?.sha256).toBe(model);

    await appendFile(await store.pathOf(other), Uint8Array.of(4 * 8 + 2, 0));
    await expect(pool.run(other, SHORT)).rejects.toThrow(isRefusal('ModelCorrupt'));
  });

  it('in time is refused, and the process is ended', async () => {
    const model = await putGrowing();
    await expect(openPool({ loadTimeoutMs: 5 }).load(model)).rejects.toMatchObject({
      code: 'ModelDoesNotLoad',
      data: { reason: 'ModelTimedOut' },
    });
  });
});

describe('places for models', () => {
  it('are taken from the model that has been quiet the longest', async () => {
    const pool = openPool({ maxModels: 2 });
    const [a, b, c] = [await putGrowing(1), await putGrowing(2), await putGrowing(3)];
    for (const model of [a, b, a]) await pool.run(model, SHORT);

    await pool.run(c, SHORT);

    expect(pool.status().map(({ sha256 }) => sha256)).toEqual([a, c]);
  });

  it('are not taken from models at work', async () => {
    const pool = openPool({ maxModels: 1 });
    const [a, b] = [await putGrowing(1), await putGrowing(2)];
    const long = codeOf(pool.run(a, growingInput(2_000)));
    await runningPid(pool);

    await expect(pool.run(b, SHORT)).rejects.toThrow(isRefusal('TooManyModels', { retryable: true }));

    expect(await long).toBe('answered');
    expect(numberOf(await pool.run(b, SHORT))).toBe(4);
  });

  it('are given up after a quiet time, and taken again on demand', async () => {
    const pool = openPool({ idleTimeoutMs: 50 });
    const model = await putGrowing();
    await pool.run(model, SHORT);
    const [pid] = pool.status()[0]?.pids ?? [];

    await eventually(async () => pool.status().length, 0);

    await eventually(async () => isAlive(pid as number), false);
    expect(numberOf(await pool.run(model, SHORT))).toBe(2);
  });
});

describe('the end', () => {
  it('comes for runs that run, wait and load, and for all processes', async () => {
    const pool = openPool();
    const [model, other] = [await putGrowing(), await putGrowing(1)];
    await pool.load(model);
    const running = codeOf(pool.run(model, LONG));
    const waiting = codeOf(pool.run(model, SHORT));
    const pid = await runningPid(pool);
    const loading = codeOf(pool.load(other));
    await eventually(async () => pool.status().length, 2);

    await pool.close();

    expect(await Promise.all([running, waiting, loading])).toEqual(['RunnerClosed', 'RunnerClosed', 'RunnerClosed']);
    expect(isAlive(pid)).toBe(false);
    await expect(pool.run(model, SHORT)).rejects.toThrow(isRefusal('RunnerClosed'));
    await pool.close();
  });

  it('comes for a runner in the middle of a run when the process that owns it is killed', async () => {
    const model = await putGrowing();
    const index = new URL('../../dist/index.js', import.meta.url).href;
    const script = `import { FolderModelStore, RunnerPool } from ${JSON.stringify(index)};
      const pool = new RunnerPool({ store: await FolderModelStore.open(${JSON.stringify(folder)}) });
      await pool.load('${model}');
      pool.run('${model}', new Uint8Array(BigInt64Array.of(12000n).buffer));
      setTimeout(() => process.stdout.write(String(pool.status()[0].pids[0])), 100);`;
    const temporary = await mkdtemp(join(folder, 'tmp-'));
    const owner = spawn(process.execPath, ['--input-type=module', '-e', script], {
      env: { TMPDIR: temporary },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const pid = Number(await new Promise((resolve) => owner.stdout.once('data', resolve)));
    const aliveBefore = isAlive(pid);

    const killed = performance.now();
    owner.kill('SIGKILL');

    expect(aliveBefore).toBe(true);
    await eventually(async () => isAlive(pid), false);
    expect(performance.now() - killed).toBeLessThan(5_000);
    expect(await readdir(temporary)).toEqual([]);
  });
});
