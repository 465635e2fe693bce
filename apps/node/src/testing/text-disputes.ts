import { type Answer, claimOf, claimsOf, type TextAnswer } from '@openimo/disputes';
import {
  commitFile,
  type CommittedModel,
  type CommittedTrace,
  commitTrace,
  execute,
  outputOf,
  toHex,
} from '@openimo/donnx';
import { faultyTrace, Random } from '@openimo/donnx/testing';
import { type Hex, hexToBytes, parseEther } from 'viem';
import { ASSERTED, DisputeBed } from './dispute-bed.js';
import { eventually } from './eventually.js';
import type { NodeProcess } from './node-process.js';
import { Puppet } from './puppet.js';
import type { Operator } from './test-bed.js';

/** A model that writes, and how a test has it lied about. */
export interface TextCase {
  readonly file: Uint8Array;
  readonly prompt: string;
  readonly mostNewBytes: number;
  /** The step that is lied about. */
  readonly step: number;
  /** The step of the graph that the liar against the right text computes wrong; its last one by default. */
  readonly wrongNode?: number;
  /** Seconds of each clock, and of the dispute window. */
  readonly clock: number;
}

/** Disputes about a step of a text between nodes and those who lie, on one chain with one node. */
export function describeTextDisputes({ file, prompt, mostNewBytes, step, wrongNode, clock }: TextCase): void {
  const model: CommittedModel = commitFile(file);
  const modelRoot = toHex(model.modelRoot);
  const { inputBytes: context, outNode } = model.commitment;

  let bed: DisputeBed;
  let alice: Operator;
  let node: NodeProcess;
  let served: bigint;
  beforeAll(async () => {
    bed = await DisputeBed.start(clock);
    await bed.bed.store.put(file);
    served = await publish();
    alice = await bed.bed.operator('alice', '50', { OPENIMO_VERSIONS: String(served), OPENIMO_WATCH: 'all' });
    node = bed.bed.run(alice);
    await node.ready();
  }, 300_000);
  afterAll(() => bed?.bed.end(), 30_000);

  const publish = () => bed.chain.publishText(toHex(model.commitment.fileHash), context, mostNewBytes, modelRoot);
  const textOf = (output: Uint8Array, outputRoot: Hex): TextAnswer => ({
    ...{ kind: 'text', outputRoot, prompt: new TextEncoder().encode(prompt), output },
    ...{ mostNewBytes, context },
  });
  const honestTrace = (answer: Answer, item: number) => commitTrace(execute(model.graph, claimOf(answer, item).input));

  it('an operator defends a step of its text against a liar, and is paid', async () => {
    const { requestId } = await bed.chain.askPrompt(served, prompt);
    await bed.reaches(requestId, ASSERTED);
    const answer = await answerOf(requestId);
    const liar = await Puppet.create(bed.chain);
    const honest = honestTrace(answer, step);
    const trace = faultyTrace({ model, honest }, new Random(3), wrongNode ?? outNode, true);

    const id = await liar.challenge({ requestId, round: 0, item: step }, answer);
    const moves = await liar.play(id, { side: 'challenger', model, answer, trace });

    expect(moves).toContain('pick');
    await bed.chain.passTime(clock);
    await bed.ends(id, 'challengerLost');
    await bed.paid(alice.address);
    expect((await bed.chain.assertion(requestId)).operator).toBe(alice.address);
    expect((await bed.movesOf(alice.address)).map(({ key }) => key)).toContain(`trace:${requestId}:0:${step}#1`);
  }, 600_000);

  it('a node that watches finds the one wrong byte of a text, disputes that step alone, and convicts', async () => {
    const versionId = await publish();
    const cheater = await Puppet.create(bed.chain);
    await cheater.enrol([{ versionId, modelRoot }], parseEther('5'));
    const { requestId } = await bed.chain.askPrompt(versionId, prompt);
    const written = write();
    written[step] = written[step]! ^ 1;
    const { outputRoot } = await cheater.answer(requestId, [toHex(written)]);
    const answer = textOf(written, outputRoot);

    const id = await bed.challenged(alice.address, { requestId, round: 0, item: step });
    await cheater.play(id, { side: 'operator', model, answer, trace: lyingTrace(answer, step) });

    await bed.ends(id, 'operatorLost');
    await bed.paid(alice.address);
    expect(await bed.disputedBy(alice.address, requestId)).toEqual([step]);
    const moves = await bed.movesOf(alice.address);
    expect(moves.filter(({ receipt_status: status }) => status === 'reverted')).toEqual([]);
    expect(node.lines.filter(({ verdict }) => verdict === 'wrong')).toMatchObject([{ item: step }]);
  }, 600_000);

  /** What the model writes on the prompt: `mostNewBytes`, or as many as it says before the end. */
  function write(): Uint8Array {
    let written = new Uint8Array();
    for (let at = 0; at < mostNewBytes; at++) {
      const { input } = claimOf(textOf(written, '0x'), at);
      const [byte] = outputOf(model.graph, execute(model.graph, input));
      if (byte === 0) break;
      written = Uint8Array.of(...written, byte!);
    }
    return written;
  }

  async function answerOf(requestId: bigint): Promise<Answer> {
    const asserted = await eventually(
      async () =>
        (await bed.chain.oracleEvents()).find(
          ({ eventName, args }) =>
            eventName === 'OutputAsserted' && (args as { requestId: bigint }).requestId === requestId,
        ),
      (event) => event !== undefined,
      { what: 'the answer' },
    );
    const { outputs, outputRoot } = asserted!.args as unknown as { outputs: Hex[]; outputRoot: Hex };
    const answer = textOf(hexToBytes(outputs[0]!), outputRoot);
    expect(claimsOf(answer)).toBeGreaterThan(step);
    return answer;
  }

  /** The run of somebody who is honest but for the last tensor, which is what was answered. */
  function lyingTrace(answer: Answer, item: number): CommittedTrace {
    const trace = [...execute(model.graph, claimOf(answer, item).input)];
    trace[outNode] = claimOf(answer, item).output;
    return commitTrace(trace);
  }
}
