import { readFileSync } from 'node:fs';
import {
  challengerMove,
  commitFile,
  commitTrace,
  directProof,
  execute,
  operatorMove,
  toHex,
  turnOf,
  type CommittedTrace,
  type DisputeState,
} from '@openimo/donnx';
import { faultyTrace, Random, randomCase, type DisputeCase } from '@openimo/donnx/testing';
import { digits } from '@openimo/models';
import { Arena, type Match } from './testing/arena.js';

// The same disputes every time; more of them where asked for.
const DEEP = process.env['OPENIMO_DEEP'] !== undefined;
const DIGIT_FAULTS = DEEP ? 300 : 24;
const RANDOM_FAULTS = DEEP ? 700 : 24;
/** Of one answer on-chain, in bytes. */
const MOST_OUTPUT = 8_192;
const HONEST = DEEP ? 1_000 : 24;

let arena: Arena;

beforeAll(async () => {
  arena = await Arena.open();
});

afterAll(() => arena.close());

describe('the digits model, one element wrong', () => {
  const model = commitFile(readFileSync(digits.modelPath));
  let versionId: bigint;

  beforeAll(async () => {
    versionId = await arena.publish(model);
  });

  it('is convicted on-chain, step by step and in one move, and its answer is void', async () => {
    for (let seed = 1; seed <= DIGIT_FAULTS; seed++) {
      const random = new Random(seed);
      const dispute = digitsCase(random);
      const node = random.integer(1, model.commitment.nodeCount - 1);
      await expectConvicted(dispute, versionId, faultyTrace(dispute, random, node, seed % 3 !== 0), seed % 2 === 0);
    }
  });

  it('is not convicted where nothing is wrong, whatever a challenger with a wrong run of its own says', async () => {
    for (let seed = 1; seed <= HONEST; seed++) {
      const random = new Random(9_000 + seed);
      const dispute = digitsCase(random);
      const node = random.integer(1, model.commitment.nodeCount - 1);
      const match = await arena.challenge(model, versionId, dispute.honest);

      await playOut(match, dispute.honest, faultyTrace(dispute, random, node, true));

      expect(turnOf(match.state)).toBe('challenger');
      expect(await match.answerStands()).toBe(true);
    }
  });

  function digitsCase(random: Random): DisputeCase {
    const examples = digits.heldBack();
    const { pixels } = examples[random.integer(0, examples.length - 1)]!;
    return { model, honest: commitTrace(execute(model.graph, pixels)) };
  }
});

describe('a random model', () => {
  it('convicts on-chain whoever gets one element of it wrong', async () => {
    for (let seed = 1, faults = 0; faults < RANDOM_FAULTS; seed++) {
      const random = new Random(seed);
      const dispute = randomCase(random);
      if (dispute === undefined || dispute.model.commitment.outputBytes > MOST_OUTPUT) continue;
      const versionId = await arena.publish(dispute.model);
      const node = random.integer(1, dispute.model.commitment.nodeCount - 1);
      await expectConvicted(dispute, versionId, faultyTrace(dispute, random, node, true), seed % 2 === 0);
      await arena.retire(versionId);
      faults++;
    }
  });
});

async function expectConvicted(dispute: DisputeCase, versionId: bigint, operator: CommittedTrace, direct: boolean) {
  const match = await arena.challenge(dispute.model, versionId, operator);
  if (direct) {
    await expectMade(match, operatorMove(dispute.model.commitment, match.state, operator)!);
    await expectMade(match, directProof(dispute.model, operator, dispute.honest)!);
  } else {
    await playOut(match, operator, dispute.honest);
  }

  expect(match.state.phase).toBe('OperatorLost');
  expect((await match.stored()).phase).toBe('OperatorLost');
  expect(await match.answerStands()).toBe(false);
}

/** Plays until a side has no move that the contract takes; after each move the contract's state is that of the rules. */
async function playOut(match: Match, operator: CommittedTrace, challenger: CommittedTrace): Promise<void> {
  for (;;) {
    const { model, state, moves } = match;
    const turn = turnOf(state);
    if (turn === undefined) return;
    const move =
      turn === 'operator'
        ? operatorMove(model.commitment, state, operator)
        : challengerMove(model, state, moves, challenger);
    if (move === undefined || !(await match.make(move))) return;
    expect(await match.stored()).toMatchObject(storedOf(match.state));
  }
}

async function expectMade(match: Match, move: Parameters<Match['make']>[0]) {
  expect(await match.make(move)).toBe(true);
}

/** What the contract keeps of a state of the rules. Before the first pick it keeps next to nothing. */
function storedOf({ phase, cursor, level, position, node, traceRoot }: DisputeState) {
  if (toHex(cursor) === toHex(traceRoot) && phase === 'AwaitPick') return { phase: 'AwaitTrace' };
  if (phase === 'OperatorLost') return { phase };
  return { phase, cursor: toHex(cursor), level, position, node: node?.id ?? 0 };
}
