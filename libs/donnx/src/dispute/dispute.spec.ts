import fc from 'fast-check';
import { isDomainError } from '@openimo/domain';
import { hashLeaf, ZERO_HASH, type Hash } from '../commit/hash.js';
import { MerkleTree } from '../commit/merkle-tree.js';
import type { CommittedTrace } from '../commit/commit-trace.js';
import { chunkAt, chunkCount, chunkLeaves } from '../commit/tensor-tree.js';
import { compileModel } from '../model/compile-model.js';
import { stepBytes } from '../model/step-graph.js';
import { Opcode } from '../steps/step.js';
import { tensorOf } from '../tensor/tensor.js';
import { caseOf, faultyTrace, randomCase, type DisputeCase } from '../testing/disputes.js';
import { buildGraph } from '../onnx/build-graph.js';
import { Random } from '../testing/random.js';
import { describeStep } from '../commit/descriptor.js';
import { isWrong } from './judge.js';
import { directProof } from './challenger.js';
import type { ElementProof, Move, ProveDirect } from './moves.js';
import { operatorMove } from './operator.js';
import { playDispute } from './play.js';
import { revealedLevels, type DisputeState } from './advance.js';
import { applyMove, openDispute } from './rules.js';
import { elementProof } from './witness.js';

// The same disputes every time, unless more are asked for: those are new ones.
const DEEP = process.env['DONNX_RUNS'];
const OPTIONS = DEEP ? { numRuns: Number(DEEP) } : { numRuns: 40, seed: 14 };

/** The roots that an operator asserts: of the true input, and of the output in its trace. */
function rootsOf({ model, honest }: DisputeCase, operator: CommittedTrace) {
  return { input: honest.trees[0]!.root, output: operator.trees[model.commitment.outNode]!.root };
}

function withCase(seed: number): { random: Random; dispute: DisputeCase } {
  const random = new Random(seed);
  const dispute = randomCase(random);
  fc.pre(dispute !== undefined);
  return { random, dispute: dispute! };
}

/** The state after the operator has posted its trace. */
function afterTrace({ model, honest }: DisputeCase, operator: CommittedTrace) {
  const { input, output } = rootsOf({ model, honest }, operator);
  const state = openDispute(input, output);
  return applyMove(model.commitment, state, operatorMove(model.commitment, state, operator)!);
}

describe('an operator with one wrong element', () => {
  const convicted = new Set<number>();

  it('is convicted, step by step and in one move, whatever the step and whether it computed on or not', () => {
    fc.assert(
      fc.property(fc.integer(), fc.boolean(), (seed, goOn) => {
        const { random, dispute } = withCase(seed);
        const { model, honest } = dispute;
        const id = random.integer(1, model.commitment.nodeCount - 1);
        const operator = faultyTrace(dispute, random, id, goOn);

        const played = playDispute(model, rootsOf(dispute, operator), operator, honest);
        expect(played.loser).toBe('operator');
        expect(played.state.phase).toBe('OperatorLost');

        const direct = directProof(model, operator, honest)!;
        expect(direct.nodeId).toBe(id);
        expect(applyMove(model.commitment, afterTrace(dispute, operator), direct).phase).toBe('OperatorLost');
        convicted.add(model.graph.steps[id]!.op);
      }),
      OPTIONS,
    );
  });

  it('is convicted for every opcode', () => {
    const missing = Object.values(Opcode).filter((op) => op !== Opcode.Input && !convicted.has(op));
    for (const op of missing) {
      for (let seed = 1; !convicted.has(op) && seed < 3000; seed++) {
        const random = new Random(seed);
        const dispute = randomCase(random);
        const id = dispute?.model.graph.steps.findIndex((step) => step.op === op) ?? -1;
        if (!dispute || id < 0) continue;
        const operator = faultyTrace(dispute, random, id, true);
        expect(playDispute(dispute.model, rootsOf(dispute, operator), operator, dispute.honest).loser).toBe('operator');
        convicted.add(op);
      }
    }

    expect([...convicted].sort((a, b) => a - b)).toEqual(Object.values(Opcode).filter((op) => op !== Opcode.Input));
  });

  it('is convicted in deep trees too: many steps, tensors of many chunks', () => {
    const dispute = caseOf(deepModel(), new Random(3));
    const { model, honest } = dispute;
    const random = new Random(4);

    for (const id of [1, 63, 64, 100, model.commitment.nodeCount - 1]) {
      const operator = faultyTrace(dispute, random, id, true);
      const { loser, moves } = playDispute(model, rootsOf(dispute, operator), operator, honest);

      expect(loser).toBe('operator');
      // Two reveals for the steps, two for the chunks, the chunk and the proof.
      expect(moves.map(({ kind }) => kind)).toEqual([
        ...['postTrace', 'pick', 'reveal', 'pick', 'reveal', 'pick', 'reveal', 'pick', 'revealChunk', 'prove'],
      ]);
    }
  });
});

describe('an honest operator', () => {
  it('wins against every challenger whose own trace is wrong', () => {
    fc.assert(
      fc.property(fc.integer(), fc.boolean(), (seed, goOn) => {
        const { random, dispute } = withCase(seed);
        const { model, honest } = dispute;
        const id = random.integer(1, model.commitment.nodeCount - 1);
        const challenger = faultyTrace(dispute, random, id, goOn);

        expect(playDispute(model, rootsOf(dispute, honest), honest, challenger).loser).toBe('challenger');
      }),
      OPTIONS,
    );
  });

  it('wins when nothing is wrong and the challenger has no move', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const { dispute } = withCase(seed);
        const { model, honest } = dispute;

        expect(playDispute(model, rootsOf(dispute, honest), honest, honest).loser).toBe('challenger');
        expect(directProof(model, honest, honest)).toBeUndefined();
      }),
      { numRuns: 20 },
    );
  });

  it('is not convicted by true or forged proofs of any element', () => {
    let attempts = 0;
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const { random, dispute } = withCase(seed);
        const state = afterTrace(dispute, dispute.honest);
        for (let attempt = 0; attempt < 20; attempt++) {
          const move = forge(honestProof(dispute, random), dispute, random, attempt);
          let convicted = false;
          try {
            convicted = applyMove(dispute.model.commitment, state, move).phase === 'OperatorLost';
          } catch (error) {
            if (!isDomainError(error)) throw error;
          }
          if (convicted) throw new Error(`attempt ${attempt} convicted step ${move.nodeId}`);
          attempts++;
        }
      }),
      OPTIONS,
    );
    expect(attempts).toBeGreaterThanOrEqual(OPTIONS.numRuns * 20);
  });
});

describe('a malformed commitment loses at once', () => {
  const dispute = caseOf(deepModel(), new Random(5));
  const { model, honest } = dispute;

  it('with something where the trace has only padding', () => {
    const leaves = honest.trees.map(({ root }) => root);
    const tree = new MerkleTree([...leaves, hashLeaf(Uint8Array.of(7))]);
    const operator = { ...honest, tree, root: tree.root };

    const { loser, moves } = playDispute(model, rootsOf(dispute, operator), operator, honest);

    expect(loser).toBe('operator');
    expect(moves.at(-1)?.kind).toBe('pick');
  });

  it('with something where a tensor has only padding', () => {
    const operator = withTensor(honest, 70, [...chunkLeaves(honest.trace[70]!), hashLeaf(Uint8Array.of(7))]);

    const { loser, moves } = playDispute(model, rootsOf(dispute, operator), operator, honest);

    expect(loser).toBe('operator');
    expect(moves.at(-1)?.kind).toBe('pick');
  });

  it('with a chunk of another length', () => {
    const short = honest.trace[70]!.slice(0, 200);
    const operator = withTensor(honest, 70, chunkLeaves(honest.trace[70]!).with(0, hashLeaf(short)));
    const trace = operator.trace.with(70, Uint8Array.from(short));

    const { loser, moves } = playDispute(model, rootsOf(dispute, operator), { ...operator, trace }, honest);

    expect(loser).toBe('operator');
    expect(moves.at(-1)?.kind).toBe('revealChunk');
  });

  it('and the padding itself cannot be disputed', () => {
    const state = afterTrace(dispute, honest);
    const children = honest.tree.descendants(honest.tree.height, 0, revealedLevels(state));
    const index = children.length - 1;
    const last = { kind: 'pick', child: children[index]!, index, path: new MerkleTree(children).path(index) } as const;

    let next = applyMove(model.commitment, state, last);
    next = applyMove(model.commitment, next, operatorMove(model.commitment, next, honest)!);
    const below = new MerkleTree(honest.tree.descendants(next.level, next.position, next.level));
    const end = 2 ** next.level - 1;
    const padding = { kind: 'pick', child: ZERO_HASH, index: end, path: below.path(end) } as const;

    expect(() => applyMove(model.commitment, next, padding)).toThrow(/nothing to dispute/);
  });
});

describe('the rules', () => {
  const dispute = caseOf(deepModel(), new Random(6));
  const { model, honest } = dispute;
  const operator = faultyTrace(dispute, new Random(7), 90, true);
  const roots = rootsOf(dispute, operator);
  const { moves } = playDispute(model, roots, operator, honest);

  it('take every move only in its phase', () => {
    let state = openDispute(roots.input, roots.output);
    for (const due of moves) {
      for (const move of moves.filter(({ kind }) => kind !== due.kind)) {
        expect(() => applyMove(model.commitment, state, move)).toThrow(/is in/);
      }
      state = applyMove(model.commitment, state, due);
    }
    for (const move of moves) expect(() => applyMove(model.commitment, state, move)).toThrow(/OperatorLost/);
  });

  it('take a trace only over the asserted input and output', () => {
    const [post] = moves as [Move];

    expect(() => applyMove(model.commitment, openDispute(ZERO_HASH, roots.output), post)).toThrow(/input is not under/);
    expect(() => applyMove(model.commitment, openDispute(roots.input, ZERO_HASH), post)).toThrow(/output is not under/);
  });

  it('take no move with a byte changed', () => {
    let state = openDispute(roots.input, roots.output);
    for (const move of moves) {
      for (const changed of changes(move)) {
        expect(() => applyMove(model.commitment, state, changed)).toThrow(/./);
      }
      state = applyMove(model.commitment, state, move);
    }
  });

  it('refuse operands that are not before the node, whatever its descriptor says', () => {
    const direct = directProof(model, operator, honest)!;
    const descriptor = describeStep(model.graph, direct.nodeId);
    const source = { kind: 'step', id: direct.nodeId } as const;
    const circular = { ...descriptor, inputs: descriptor.inputs.with(0, { ...descriptor.inputs[0]!, source }) };
    const { nodeId, chunkIndex, proof } = direct;
    const evidence = { commitment: model.commitment, traceRoot: operator.root, nodeId, chunkIndex };

    expect(isWrong({ ...evidence, descriptor }, proof)).toBe(true);
    expect(() => isWrong({ ...evidence, descriptor: circular }, proof)).toThrow(/reads only what comes before it/);
  });

  it('refuse node 0, which is the input', () => {
    const state = afterTrace(dispute, honest);
    const proof: ElementProof = { chunk: chunkAt(honest.trace[0]!, 0), element: 0, reads: [], hint: 0 };
    const node = { descriptor: model.descriptors[0]!, path: model.graphTree.path(0) };

    const pickFirst = (at: DisputeState) => {
      const children = honest.tree.descendants(at.level, 0, revealedLevels(at));
      return { kind: 'pick', child: children[0]!, index: 0, path: new MerkleTree(children).path(0), node } as const;
    };
    let next = applyMove(model.commitment, state, pickFirst(state));
    next = applyMove(model.commitment, next, operatorMove(model.commitment, next, honest)!);
    expect(() => applyMove(model.commitment, next, pickFirst(next))).toThrow(/Node 0 is the input/);
    expect(() =>
      applyMove(model.commitment, state, { kind: 'proveDirect', nodeId: 0, chunkIndex: 0, path: [], node, proof }),
    ).toThrow(/no computed node 0/);
  });
});

/** A chain of additions over 9,000 elements: 127 steps of 141 chunks each. */
function deepModel() {
  const nodes = Array.from({ length: 125 }, (_, at) => ({
    operator: 'Add',
    inputs: [at === 0 ? 'start' : `a${at - 1}`, 'one'],
    outputs: [at === 124 ? 'y' : `a${at}`],
  }));
  return compileModel(
    buildGraph({
      inputs: [{ name: 'x', datatype: 'UINT8', shape: [9_000] }],
      nodes: [{ operator: 'Cast', inputs: ['x'], outputs: ['start'], attributes: { to: 6 } }, ...nodes],
      initializers: { one: tensorOf('INT32', [], [1]) },
    }),
  );
}

/** The trace with another tree over one tensor. */
function withTensor(honest: CommittedTrace, id: number, leaves: readonly Hash[]): CommittedTrace {
  const trees = honest.trees.with(id, new MerkleTree(leaves));
  const tree = new MerkleTree(trees.map(({ root }) => root));
  return { trace: honest.trace, trees, tree, root: tree.root };
}

/** A well-formed case against a right element, which shows that it is right. */
function honestProof({ model, honest }: DisputeCase, random: Random): ProveDirect {
  const nodeId = random.integer(1, model.commitment.nodeCount - 1);
  const step = model.graph.steps[nodeId]!;
  const chunkIndex = random.integer(0, chunkCount(stepBytes(step)) - 1);
  const chunk = chunkAt(honest.trace[nodeId]!, chunkIndex);
  const size = stepBytes(step) / step.dims.reduce((product, dim) => product * dim, 1);
  const element = random.integer(0, chunk.length / size - 1);
  return {
    kind: 'proveDirect',
    nodeId,
    chunkIndex,
    path: [...honest.trees[nodeId]!.path(chunkIndex), ...honest.tree.path(nodeId)],
    node: { descriptor: model.descriptors[nodeId]!, path: model.graphTree.path(nodeId) },
    proof: elementProof(model, honest, nodeId, chunk, chunkIndex, element, (id) => honest.tree.path(id)),
  };
}

/** The case with one of its parts made up. */
function forge(move: ProveDirect, { model }: DisputeCase, random: Random, attempt: number): ProveDirect {
  const { proof } = move;
  const [first] = proof.reads;
  const withProof = (changed: Partial<ElementProof>): ProveDirect => ({ ...move, proof: { ...proof, ...changed } });
  switch (attempt % 10) {
    case 0:
      return move;
    case 1:
      return first ? withProof({ reads: proof.reads.with(0, { ...first, data: flip(first.data, random) }) }) : move;
    case 2:
      return withProof({ chunk: flip(proof.chunk, random) });
    case 3:
      return withProof({ element: random.integer(-2, 300) });
    case 4:
      return withProof({ hint: random.integer(-2, 40) });
    case 5:
      return first
        ? withProof({ reads: proof.reads.with(0, { ...first, data: first.data.slice(0, random.integer(0, 300)) }) })
        : move;
    case 6:
      return { ...move, nodeId: random.integer(0, model.commitment.nodeCount) };
    case 7:
      return { ...move, node: { ...move.node, descriptor: flip(move.node.descriptor, random) } };
    case 8:
      return { ...move, chunkIndex: random.integer(-1, 4) };
    default:
      return withProof({ reads: [...proof.reads].reverse() });
  }
}

function flip(bytes: Uint8Array, random: Random): Uint8Array {
  const flipped = Uint8Array.from(bytes);
  const at = random.integer(0, flipped.length - 1);
  flipped[at] = flipped[at]! ^ (1 << random.integer(0, 7));
  return flipped;
}

/** The move with each of its hashes and byte strings changed in turn. */
function changes(move: Move): Move[] {
  const random = new Random(11);
  const change = (value: unknown): unknown[] => {
    if (value instanceof Uint8Array) return [flip(value, random)];
    if (Array.isArray(value))
      return value.slice(0, 3).flatMap((part, at) => change(part).map((other) => value.with(at, other)));
    if (typeof value !== 'object' || value === null) return [];
    return Object.entries(value).flatMap(([key, part]) => change(part).map((other) => ({ ...value, [key]: other })));
  };
  const changed = change(move) as Move[];
  expect(changed.length).toBeGreaterThan(0);
  return changed;
}
