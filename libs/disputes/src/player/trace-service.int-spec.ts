import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDomainError } from '@openimo/domain';
import { commitFile, commitTrace, execute, toHex } from '@openimo/donnx';
import { digits } from '@openimo/models';
import { TraceService } from './trace-service.js';

const model = commitFile(readFileSync(digits.modelPath));
const file = { modelPath: digits.modelPath, modelRoot: toHex(model.modelRoot) };
const { pixels } = digits.heldBack()[0]!;

let service: TraceService | undefined;
const open = (options?: ConstructorParameters<typeof TraceService>[0]) => (service = new TraceService(options));
afterEach(() => service?.close());

const forever = new Promise<never>(() => undefined);

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: unknown) => (isDomainError(error) ? error.code : String(error)),
  );

describe('TraceService', () => {
  it('says what the profile says of a run, and the root of its trace', async () => {
    const expected = commitTrace(execute(model.graph, pixels));

    const { root, output } = await open().trace({ ...file, input: pixels });

    expect(root).toBe(toHex(expected.root));
    expect(Buffer.compare(output, expected.trace[model.commitment.outNode]!)).toBe(0);
    expect(Buffer.compare(await service!.run({ ...file, input: pixels }), output)).toBe(0);
  });

  it('commits a model once, and does many tasks one after another', async () => {
    const tracer = open();
    const images = digits.heldBack().slice(0, 4);

    const traces = await Promise.all(images.map((image) => tracer.trace({ ...file, input: image.pixels })));

    const expected = images.map((image) => toHex(commitTrace(execute(model.graph, image.pixels)).root));
    expect(traces.map(({ root }) => root)).toEqual(expected);
  });

  it('does what is urgent first', async () => {
    const tracer = open();
    const order: string[] = [];
    const ask = (name: string, urgency?: number) =>
      tracer.trace({ ...file, input: pixels }, { urgency }).then(() => order.push(name));

    await Promise.all([ask('first, as nobody else was there'), ask('audit'), ask('later', 200), ask('soon', 100)]);

    expect(order).toEqual(['first, as nobody else was there', 'soon', 'later', 'audit']);
  });

  it('refuses a file that is not the one of the registry, and one that is no model', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tracer-'));
    try {
      const other = join(folder, 'model.onnx');
      await writeFile(other, 'no model');
      const tracer = open();
      const wrongRoot = `0x${'11'.repeat(32)}` as const;

      expect(await codeOf(tracer.trace({ ...file, modelRoot: wrongRoot, input: pixels }))).toBe('ModelRootMismatch');
      expect(await codeOf(tracer.trace({ ...file, modelRoot: wrongRoot, modelPath: other, input: pixels }))).not.toBe(
        'done',
      );
      expect(await codeOf(tracer.trace({ ...file, input: pixels.subarray(1) }))).not.toBe('done');
      expect(await codeOf(tracer.trace({ ...file, input: pixels }))).toBe('done');
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('ends what takes too long or too much, and goes on with the next', async () => {
    const slow = open({ timeoutMs: 1 });
    expect(await codeOf(slow.trace({ ...file, input: pixels }))).toBe('TraceTimedOut');
    await slow.close();

    // Less than Node itself takes; it is looked at every 50 ms.
    const poor = open({ memoryLimitBytes: 40 * 2 ** 20 });
    const asked = Array.from({ length: 200 }, () => codeOf(poor.trace({ ...file, input: pixels })));
    expect(await Promise.race(asked.map((code) => code.then((c) => (c === 'done' ? forever : c))))).toBe(
      'TraceOutOfMemory',
    );
  });

  it('gives up what its caller gave up, in hand or waiting, and nothing else', async () => {
    const tracer = open();
    const caller = new AbortController();
    const given = Promise.all([
      codeOf(tracer.trace({ ...file, input: pixels }, { signal: caller.signal })),
      codeOf(tracer.trace({ ...file, input: pixels }, { signal: caller.signal })),
    ]);
    const wanted = codeOf(tracer.trace({ ...file, input: pixels }));

    caller.abort();

    expect(await given).toEqual(['TraceAborted', 'TraceAborted']);
    expect(await wanted).toBe('done');
  });

  it('fails what is asked for when it closes', async () => {
    const tracer = open();
    const asked = codeOf(tracer.trace({ ...file, input: pixels }));

    await tracer.close();

    expect(await asked).toBe('TraceServiceClosed');
    expect(await codeOf(tracer.trace({ ...file, input: pixels }))).toBe('TraceServiceClosed');
  });
});
