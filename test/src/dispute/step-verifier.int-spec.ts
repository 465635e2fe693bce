import { readFileSync } from 'node:fs';
import { datatypeBytes } from '@openimo/domain';
import { chunkAt, commitFile, commitTrace, encodeReads, execute, Opcode } from '@openimo/donnx';
import { randomCase, Random, type DisputeCase } from '@openimo/donnx/testing';
import { digits, digitsCnn, gpt } from '@openimo/models';
import { type Place, type Question, questionOf, StepJudge, type Verdict } from '../support/step-judge.js';

const DEEP = process.env['OPENIMO_DEEP'] !== undefined;
// The same graphs every time. Some kinds of steps are rare, so a short run passes over those that it has had.
const GRAPHS = DEEP ? 700 : 250;
const STEPS_PER_KIND = DEEP ? Infinity : 3;
const KINDS = DEEP ? 75 : 65;
const ELEMENTS_PER_STEP = 3;
const FORGERIES = DEEP ? 5_000 : 400;
const MODEL_RUNS = DEEP ? 5 : 1;
const AT_A_TIME = 16;

/** The example models, and inputs that they were not trained on. */
const pixels = () => digits.heldBack().map((example) => example.pixels);
const EXAMPLES = [
  { name: digits.name, file: digits.modelPath, inputs: pixels },
  { name: digitsCnn.name, file: digitsCnn.modelPath, inputs: pixels },
  { name: gpt.name, file: gpt.modelPath, inputs: () => gpt.heldBack().map(({ text }) => text) },
];

let judge: StepJudge;

beforeAll(async () => {
  judge = await StepJudge.start();
});

afterAll(() => judge.stop());

describe('of every element that the TypeScript executor computed', () => {
  it('StepVerifier says that it is right, and that any other bytes in its place are wrong', async () => {
    const kinds = new Map<string, number>();
    let elements = 0;
    for (let seed = 1; seed <= GRAPHS; seed++) {
      const random = new Random(seed);
      const dispute = randomCase(random);
      if (dispute === undefined) continue;
      for (const node of computedSteps(dispute)) {
        const kind = kindOf(dispute, node);
        const had = kinds.get(kind) ?? 0;
        if (had >= STEPS_PER_KIND) continue;
        kinds.set(kind, had + 1);
        const places = somePlaces(dispute, random, node);
        await expectRightOnly(dispute, random, places);
        elements += places.length;
      }
    }

    const opcodes = new Set([...kinds.keys()].map((kind) => Number(kind.split(' ')[0])));
    expect([...opcodes].sort((a, b) => a - b)).toEqual(Object.values(Opcode).filter((op) => op !== Opcode.Input));
    expect(kinds.size).toBeGreaterThanOrEqual(KINDS);
    expect(elements).toBeGreaterThanOrEqual(DEEP ? 10_000 : 400);
  });

  it.each(EXAMPLES)('and of every tensor of the model $name', async ({ file, inputs }) => {
    const model = commitFile(readFileSync(file));
    const random = new Random(17);
    for (const input of inputs().slice(0, MODEL_RUNS)) {
      const dispute = { model, honest: commitTrace(execute(model.graph, input)) };
      const places = computedSteps(dispute).flatMap((node) => somePlaces(dispute, random, node));
      await expectRightOnly(dispute, random, places);
    }
  });
});

describe('an honest operator', () => {
  it('is convicted by no forged proof of a right element', async () => {
    const verdicts = new Set<Verdict>();
    for (let seed = 1, attempts = 0; attempts < FORGERIES; seed++) {
      const random = new Random(1_000_000 + seed);
      const dispute = randomCase(random);
      if (dispute === undefined) continue;
      const places = computedSteps(dispute).flatMap((node) => somePlaces(dispute, random, node).slice(0, 1));
      const forged = places.flatMap((place) => forgeries(questionOf(dispute.model, dispute.honest, place), random));
      await inTurns(forged, async ([what, question]) => {
        const verdict = await judge.ask(question);
        verdicts.add(verdict);
        if (verdict === 'wrong') throw new Error(`seed ${seed}: ${what} convicted ${JSON.stringify(question.place)}`);
        // Whatever is no part of a proof is refused. Another element or hint may have a proof of its own.
        if (verdict === 'right' && !['another element', 'another hint'].includes(what)) {
          throw new Error(`seed ${seed}: ${what} passed at ${JSON.stringify(question.place)}`);
        }
      });
      attempts += forged.length;
    }
    // Nothing was refused by an accident, such as an overflow or an error without a name.
    const reasons = [...verdicts].filter((verdict) => verdict !== 'right');
    expect(reasons.length).toBeGreaterThan(4);
    for (const reason of reasons) expect(reason).toMatch(/^refused: (StepVerifier|MerkleRange|SoftFloat32)_/);
  });
});

function computedSteps({ model }: DisputeCase): number[] {
  return Array.from({ length: model.commitment.nodeCount - 1 }, (_, at) => at + 1);
}

/** A step's opcode and the datatypes of its first operand and result: each is code of its own in a verifier. */
function kindOf({ model }: DisputeCase, node: number): string {
  const { op, datatype, inputs } = model.graph.steps[node]!;
  return `${op} ${inputs[0]!.datatype} to ${datatype}`;
}

/** The first and the last element of a step's result, and some between. */
function somePlaces({ model, honest }: DisputeCase, random: Random, node: number): Place[] {
  const size = datatypeBytes(model.graph.steps[node]!.datatype);
  const elements = honest.trace[node]!.length / size;
  const some = Array.from({ length: ELEMENTS_PER_STEP - 2 }, () => random.integer(0, elements - 1));
  return [...new Set([0, elements - 1, ...some])].map((flat) => {
    const chunkIndex = Math.floor((flat * size) / 256);
    return { node, chunkIndex, element: flat - (chunkIndex * 256) / size };
  });
}

/** The element is right as it is; with one bit of it flipped, it is wrong. */
async function expectRightOnly({ model, honest }: DisputeCase, random: Random, places: readonly Place[]) {
  await inTurns(places, async (place) => {
    const { node, chunkIndex, element } = place;
    const { op, where, datatype } = model.graph.steps[node]!;
    const chunk = Uint8Array.from(chunkAt(honest.trace[node]!, chunkIndex));
    const size = datatypeBytes(datatype);
    const at = element * size + random.integer(0, size - 1);
    chunk[at] = chunk[at]! ^ (1 << random.integer(0, 7));

    const said = [
      await judge.ask(questionOf(model, honest, place)),
      await judge.ask(questionOf(model, honest, place, chunk)),
    ];
    if (String(said) !== 'right,wrong') {
      throw new Error(`${where}, opcode ${op}, ${JSON.stringify(place)}: ${said.join(', then ')}`);
    }
  });
}

/** Proofs of the same element with one part made up. */
function forgeries(question: Question, random: Random): [what: string, question: Question][] {
  const { model, place, proof } = question;
  const { reads } = proof;
  const { inputs, op } = model.graph.steps[place.node]!;
  const encoded = encodeReads(reads);
  const read = random.integer(0, reads.length - 1);
  const forged: [string, Question][] = [
    ['a byte of the reads', { ...question, reads: flip(encoded, random) }],
    ['reads that end early', { ...question, reads: encoded.slice(0, random.integer(0, encoded.length - 1)) }],
    ['reads with more behind them', { ...question, reads: Uint8Array.of(...encoded, random.integer(0, 255)) }],
    ['one read twice', { ...question, proof: { ...proof, reads: [...reads, reads[read]!] } }],
    ['no reads', { ...question, proof: { ...proof, reads: [] } }],
    ['another trace', { ...question, traceRoot: flip(question.traceRoot, random) }],
    ['another element', { ...question, proof: { ...proof, element: random.integer(0, 300) } }],
    ['another hint', { ...question, proof: { ...proof, hint: random.integer(0, 40) } }],
    ['an element beyond the chunk', { ...question, proof: { ...proof, element: proof.chunk.length } }],
    [
      'a step before its operands',
      { ...question, place: { ...place, node: 0 }, descriptor: model.descriptors[place.node]! },
    ],
  ];
  // A step that reads constants only takes no notice of the trace and of its own place in it.
  const traced = inputs.filter(({ source }) => source.kind === 'step').length;
  const usable = traced === inputs.length ? forged : forged.filter(([what]) => !/trace|before/.test(what));
  const distinct = reads.length > 1 && String(reads[0]!.data) !== String(reads[1]!.data);
  if (!distinct || op === Opcode.ArgMax) return usable;
  return [...usable, ['operands the other way round', { ...question, proof: { ...proof, reads: reads.toReversed() } }]];
}

function flip(bytes: Uint8Array, random: Random): Uint8Array {
  const flipped = Uint8Array.from(bytes);
  const at = random.integer(0, flipped.length - 1);
  flipped[at] = flipped[at]! ^ (1 << random.integer(0, 7));
  return flipped;
}

/** Does `act` for every item, a few at a time. */
async function inTurns<T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
  for (let from = 0; from < items.length; from += AT_A_TIME) {
    await Promise.all(items.slice(from, from + AT_A_TIME).map(act));
  }
}
