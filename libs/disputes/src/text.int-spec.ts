import {
  commitTrace,
  compileModel,
  directProof,
  execute,
  operatorMove,
  tensorOf,
  type CommittedModel,
  type CommittedTrace,
} from '@openimo/donnx';
import { buildGraph, caseOf, Random } from '@openimo/donnx/testing';
import { claimOf, claimsOf, type Answer } from './answer.js';
import { Arena, type AnswerBytes } from './testing/arena.js';
import { expectConvicted, playOut } from './testing/play-out.js';

const bytes = (text: string) => new TextEncoder().encode(text);

let arena: Arena;

beforeAll(async () => {
  arena = await Arena.open();
});

afterAll(() => arena.close());

/** The honest run that a claim is about. */
function honestTrace(model: CommittedModel, answer: AnswerBytes, item: number): CommittedTrace {
  return commitTrace(execute(model.graph, claimOf(answer as Answer, item).input));
}

/** The run of an operator that is honest but for its last tensor, which is what it answered. */
function lyingTrace(model: CommittedModel, answer: AnswerBytes, item: number): CommittedTrace {
  const trace = [...execute(model.graph, claimOf(answer as Answer, item).input)];
  trace[model.commitment.outNode] = claimOf(answer as Answer, item).output;
  return commitTrace(trace);
}

describe('a model that writes on the third byte of what it reads, and ends where there is none', () => {
  const third = { operator: 'Gather', inputs: ['x', 'place'], outputs: ['y'] };
  const graph = buildGraph({
    inputs: [{ name: 'x', datatype: 'UINT8', shape: [8] }],
    nodes: [third],
    initializers: { place: tensorOf('INT64', [1], [2]) },
  });
  const { model } = caseOf(compileModel(graph), new Random(1));
  let versionId: bigint;

  beforeAll(async () => {
    versionId = await arena.publish(model, 5);
  });

  const answerOf = (prompt: string, output: string) =>
    ({ kind: 'text', prompt: bytes(prompt), output: bytes(output), mostNewBytes: 5, context: 8 }) as const;

  it.each([
    ['a byte where it ends', 'ab', 'x', 0],
    ['an end where it goes on', 'abc', 'cc', 2],
    ['another byte, and the right ones after', 'abc', 'cdccc', 1],
    ['a wrong last byte, with the context full', 'abcdef', 'cd', 1],
  ])('is convicted of %s', async (_, prompt, output, step) => {
    const answer = answerOf(prompt, output);
    const match = await arena.dispute(model, versionId, answer, step);

    await playOut(match, lyingTrace(model, answer, step), honestTrace(model, answer, step));

    await expectConvicted(match);
  });

  it('is convicted in one move by who knows its trace', async () => {
    const answer = answerOf('abc', 'cxc');
    const operator = lyingTrace(model, answer, 1);
    const match = await arena.dispute(model, versionId, answer, 1);

    expect(await match.make(operatorMove(model.commitment, match.state, operator)!)).toBe(true);
    expect(await match.make(directProof(model, operator, honestTrace(model, answer, 1))!)).toBe(true);

    await expectConvicted(match);
  });

  it('is convicted of no claim of a right text', async () => {
    for (const answer of [answerOf('ab', ''), answerOf('abc', 'ccccc'), answerOf('abcdef', 'cc')]) {
      for (let step = 0; step < claimsOf(answer as unknown as Answer); step++) {
        const honest = honestTrace(model, answer, step);
        const match = await arena.dispute(model, versionId, answer, step);

        await playOut(
          match,
          honest,
          lyingTrace(model, { ...answer, output: bytes('zzzzz').subarray(0, step + 1) }, step),
        );

        expect(await match.answerStands()).toBe(true);
      }
    }
  });

  it('is not disputed about a step that its answer does not claim', async () => {
    await expect(arena.dispute(model, versionId, answerOf('abc', 'ccccc'), 5)).rejects.toMatchObject({
      code: 'NoSuchClaim',
    });
  });
});
