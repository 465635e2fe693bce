import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Answer, claimOf, TraceService } from '@openimo/disputes';
import { commitFile, toHex } from '@openimo/donnx';
import { alphabetModel } from '@openimo/inference/testing';
import { Judge } from './judge.js';
import { isPassing } from './trouble.js';

const CONTEXT = 16;
const FILE_HASH = `0x${'ab'.repeat(32)}` as const;
const file = alphabetModel({ context: CONTEXT, last: 'y' });
const modelRoot = toHex(commitFile(file).modelRoot);
const bytes = (text: string) => new TextEncoder().encode(text);
const written = (output: string): Answer => ({
  ...{ kind: 'text', outputRoot: '0x', prompt: bytes('abc'), output: bytes(output) },
  ...{ mostNewBytes: 4, context: CONTEXT },
});
const RIGHT = written('defg');
const WRONG = written('deXY');
const UNSOUND = { sound: false, final: true, reason: 'RuntimeDisagrees: Min' } as const;

let folder: string;
let tracer: TraceService;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'openimo-judge-'));
  await writeFile(join(folder, 'model.onnx'), file);
  tracer = new TraceService();
});
afterAll(async () => {
  await tracer.close();
  await rm(folder, { recursive: true });
});

interface Machine {
  readonly runtime?: Awaited<ReturnType<ConstructorParameters<typeof Judge>[1]['verdict']>>;
  readonly disagrees?: boolean;
}

/** A runtime that finds every byte right that ends in X, as one that computes otherwise may. */
function setUp({ runtime = { sound: true }, disagrees = false }: Machine = {}) {
  const runner = { run: async () => bytes('X'), generate: async () => bytes('deXY') };
  const store = { pathOf: async () => join(folder, 'model.onnx') };
  return new Judge(runner, { verdict: async () => runtime }, { disagreesOn: () => disagrees }, tracer, store);
}

const judge = (by: Judge, answer: Answer, root: typeof modelRoot | undefined = modelRoot) =>
  by.judge(
    { answer, version: { versionId: 7n, fileHash: FILE_HASH, modelRoot: root } },
    { signal: new AbortController().signal, finalAt: 1 },
  );

describe('Judge', () => {
  it('asks the runtime where it is sound', async () => {
    expect(await judge(setUp(), WRONG)).toMatchObject({ right: true });
  });

  it.each([
    ['the runtime is not sound', { runtime: UNSOUND }],
    ['the runtime runs this model otherwise', { disagrees: true }],
  ])('judges by the specification alone where %s', async (_, machine) => {
    const by = setUp(machine);

    expect(await judge(by, RIGHT)).toEqual({ right: true, claims: 4 });
    expect(await judge(by, WRONG)).toEqual({ right: false, claim: claimOf(WRONG, 2), expected: bytes('f') });
  });

  it('does not judge at all where nothing says what is right', async () => {
    const refusal = await setUpAndFail(undefined);

    expect(refusal).toMatchObject({ code: 'RuntimeDisagrees' });
    expect(isPassing(refusal)).toBe(false);
  });

  it('waits for a test of the runtime that did not come to an end', async () => {
    const by = setUp({ runtime: { sound: false, final: false, reason: 'no time' } });
    const refusal = await judge(by, RIGHT).catch((error: unknown) => error);

    expect(refusal).toMatchObject({ code: 'RuntimeNotTested', retryable: true });
    expect(isPassing(refusal)).toBe(true);
  });

  function setUpAndFail(root: typeof modelRoot | undefined): Promise<unknown> {
    const version = { versionId: 7n, fileHash: FILE_HASH, modelRoot: root };
    const options = { signal: new AbortController().signal, finalAt: 1 };
    return setUp({ runtime: UNSOUND })
      .judge({ answer: RIGHT, version }, options)
      .catch((error: unknown) => error);
  }
});
