import { readFileSync } from 'node:fs';
import {
  commitFile,
  commitTrace,
  compileModel,
  directProof,
  execute,
  operatorMove,
  tensorOf,
  turnOf,
  type CommittedTrace,
  type Move,
} from '@openimo/donnx';
import { buildGraph, caseOf, faultyTrace, Random, randomCase, type DisputeCase } from '@openimo/donnx/testing';
import { digits } from '@openimo/models';
import { Arena, type Match } from './testing/arena.js';
import { expectConvicted, playOut } from './testing/play-out.js';

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
      await expectDecided(dispute, versionId, faultyTrace(dispute, random, node, seed % 3 !== 0), seed % 2 === 0);
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
      await expectDecided(dispute, versionId, faultyTrace(dispute, random, node, true), seed % 2 === 0);
      await arena.retire(versionId);
      faults++;
    }
  });
});

describe('DisputeGame', () => {
  it('takes no move of which a byte was changed', async () => {
    const random = new Random(77);
    const dispute = deepCase(random);
    const operator = faultyTrace(dispute, random, 90, true);
    const match = await arena.challenge(dispute.model, await arena.publish(dispute.model), operator);
    let refused = 0;

    await playOut(match, operator, dispute.honest, async (move) => {
      for (const changed of changesOf(move, random)) {
        if (await match.wouldTake(changed)) throw new Error(`${move.kind} was taken with a byte changed`);
        refused++;
      }
      expect(await match.wouldTake(move)).toBe(true);
    });

    expect(match.moves.map(({ kind }) => kind)).toEqual([
      ...['postTrace', 'pick', 'reveal', 'pick', 'reveal', 'pick', 'reveal', 'pick', 'revealChunk', 'prove'],
    ]);
    expect(match.state.phase).toBe('OperatorLost');
    expect(refused).toBeGreaterThan(30);
  });
});

/** A chain of additions over 9,000 elements, so that steps and chunks both take two reveals. */
function deepCase(random: Random): DisputeCase {
  const additions = Array.from({ length: 125 }, (_, at) => ({
    operator: 'Add',
    inputs: [at === 0 ? 'start' : `a${at - 1}`, 'one'],
    outputs: [`a${at}`],
  }));
  const narrow = { operator: 'Gather', inputs: ['a124', 'first'], outputs: ['y'] };
  const start = { operator: 'Cast', inputs: ['x'], outputs: ['start'], attributes: { to: 6 } };
  const graph = buildGraph({
    inputs: [{ name: 'x', datatype: 'UINT8', shape: [9_000] }],
    nodes: [start, ...additions, narrow],
    initializers: { one: tensorOf('INT32', [], [1]), first: tensorOf('INT64', [1], [0]) },
  });
  return caseOf(compileModel(graph), random);
}

/** The move with each of its hashes and byte strings changed in turn; of long lists the first and the last. */
function changesOf(move: Move, random: Random): Move[] {
  const change = (value: unknown): unknown[] => {
    if (value instanceof Uint8Array) return value.length === 0 ? [] : [flipped(value, random)];
    if (Array.isArray(value)) {
      const ends = [...new Set([0, value.length - 1])].filter((at) => at >= 0 && at < value.length);
      return ends.flatMap((at) => change(value[at]).map((other) => value.with(at, other)));
    }
    if (typeof value !== 'object' || value === null) return [];
    return Object.entries(value).flatMap(([key, part]) => change(part).map((other) => ({ ...value, [key]: other })));
  };
  return change(move) as Move[];
}

function flipped(bytes: Uint8Array, random: Random): Uint8Array {
  const at = random.integer(0, bytes.length - 1);
  return bytes.with(at, bytes[at]! ^ (1 << random.integer(0, 7)));
}

async function expectDecided(dispute: DisputeCase, versionId: bigint, operator: CommittedTrace, direct: boolean) {
  const match = await arena.challenge(dispute.model, versionId, operator);
  if (direct) {
    await expectMade(match, operatorMove(dispute.model.commitment, match.state, operator)!);
    await expectMade(match, directProof(dispute.model, operator, dispute.honest)!);
  } else {
    await playOut(match, operator, dispute.honest);
  }
  await expectConvicted(match);
}

async function expectMade(match: Match, move: Move) {
  expect(await match.make(move)).toBe(true);
}
