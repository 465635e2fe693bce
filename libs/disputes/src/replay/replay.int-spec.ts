import { readFileSync } from 'node:fs';
import { commitFile, commitTrace, directProof, execute, operatorMove, outputOf } from '@openimo/donnx';
import { faultyTrace, Random } from '@openimo/donnx/testing';
import type { ModelRunner } from '@openimo/domain';
import { digits } from '@openimo/models';
import { Arena, type Match } from '../testing/arena.js';
import { playOut } from '../testing/play-out.js';
import { judgeAnswer } from './judge-answer.js';
import { type Fault, locateFault } from './locate-fault.js';
import { readAnswer } from './read-answer.js';

const FAULTS = process.env['OPENIMO_DEEP'] === undefined ? 6 : 100;

const model = commitFile(readFileSync(digits.modelPath));
const images = digits.heldBack().map(({ pixels }) => pixels);
const honest = (pixels: Uint8Array) => commitTrace(execute(model.graph, pixels));
const answerTo = (pixels: Uint8Array) => outputOf(model.graph, execute(model.graph, pixels));
/** The specification itself; that onnxruntime agrees with it is tested elsewhere. */
const runner: Pick<ModelRunner, 'run' | 'generate'> = {
  run: async (_, input) => answerTo(input),
  generate: () => Promise.reject(new Error('no text')),
};

let arena: Arena;
let versionId: bigint;
beforeAll(async () => {
  arena = await Arena.open();
  versionId = await arena.publish(model);
});
afterAll(() => arena.close());

const read = (requestId: bigint, round?: number) =>
  readAnswer(arena.chain.client, arena.chain.deployment, { requestId, round });

describe('readAnswer', () => {
  it('reads what was asked and what was answered, item by item, and what is judged by it', async () => {
    const inputs = images.slice(0, 3);
    const outputs = [answerTo(inputs[0]!), answerTo(inputs[1]!), answerTo(inputs[0]!)];
    const match = await arena.dispute(model, versionId, { kind: 'tensors', inputs, outputs }, 2);

    const asserted = await read(match.subject.requestId);

    const plain = ({ answer }: typeof asserted) =>
      answer.kind === 'tensors' && { ...answer, inputs: answer.inputs.map(hex), outputs: answer.outputs.map(hex) };
    expect(plain(asserted)).toEqual(plain({ ...asserted, answer: match.answer }));
    expect(asserted).toMatchObject({ round: 1, operator: arena.chain.addressOf('operator'), version: { versionId } });
    const judged = await judgeAnswer(runner, asserted.version.fileHash, asserted.answer);
    expect(judged).toMatchObject({ right: false, claim: { item: 2 } });
  });

  it.each([
    ['a request that nobody made', 7n, undefined, 'UnknownRequest'],
    ['an answer that nobody gave', undefined, 2, 'NotAnswered'],
  ])('says so of %s', async (_, unknown, round, code) => {
    const { subject } = await arena.challenge(model, versionId, honest(images[0]!));

    await expect(read(unknown ?? subject.requestId, round)).rejects.toMatchObject({ code });
  });

  it('says so of a request that nobody has answered yet', async () => {
    const requestId = await arena.ask(versionId, [images[0]!]);

    await expect(read(requestId)).rejects.toMatchObject({ code: 'NotAnswered', data: { answers: 0 } });
    await expect(read(requestId, 1)).rejects.toMatchObject({ code: 'NotAnswered', data: { answers: 0, round: 1 } });
  });

  it('does not find in a block what is not there', async () => {
    const { subject } = await arena.challenge(model, versionId, honest(images[0]!));
    const { hash: blockHash } = await arena.chain.client.getBlock();
    const { client, deployment } = arena.chain;

    const reading = readAnswer(client, deployment, { requestId: subject.requestId, blockHash });

    await expect(reading).rejects.toMatchObject({ code: 'AnswerGone' });
  });
});

describe('locateFault', () => {
  it('names the element that was proven wrong, step by step or in one move, and narrows it down before', async () => {
    for (let seed = 1; seed <= FAULTS; seed++) {
      const random = new Random(seed);
      const own = honest(images[seed]!);
      const node = random.integer(1, model.commitment.nodeCount - 1);
      const operator = faultyTrace({ model, honest: own }, random, node, false);
      const match = await arena.challenge(model, versionId, operator);
      expect(await locate(match, own)).toBeUndefined();
      await match.make(operatorMove(model.commitment, match.state, operator)!);
      const posted = (await locate(match, own))!;
      expect(posted.steps.from).toBeLessThanOrEqual(node);
      expect(posted.steps.to).toBeGreaterThanOrEqual(node);
      expect(posted.difference).toBeUndefined();

      if (seed % 2 === 0) await match.make(directProof(model, operator, own)!);
      else await playOut(match, operator, own);

      const { steps, outcome, difference } = (await locate(match, own))!;
      expect({ steps, outcome }).toEqual({ steps: { from: node, to: node }, outcome: 'operatorLost' });
      const theirs = hex(operator.trace[node]!);
      expect(difference!.asserted).not.toBe(difference!.expected);
      expect(theirs).toContain(difference!.asserted.slice(2));
      expect(hex(own.trace[node]!)).toContain(difference!.expected.slice(2));
    }
  });

  it('says nothing of a trace that is ours', async () => {
    const own = honest(images[0]!);
    const match = await arena.challenge(model, versionId, own);
    await match.make(operatorMove(model.commitment, match.state, own)!);

    expect(await locate(match, own)).toBeUndefined();
  });

  async function locate(match: Match, own: ReturnType<typeof honest>): Promise<Fault | undefined> {
    const { client, deployment } = arena.chain;
    const { requestId } = match.subject;
    // A conviction takes the answer from the oracle's state, not from its past.
    const asserted = await read(requestId, 1);
    const { answer } = match;
    if (answer.kind !== 'tensors') throw new Error('not a text');
    const claim = { item: 0, input: answer.inputs[0]!, output: answer.outputs[0]! };
    return locateFault(client, deployment, asserted, claim, model, own);
  }
});

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
