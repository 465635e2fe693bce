// Gas and calldata of disputes about what the million-parameter GPT wrote, of one byte of it; whole transactions: bonds, clocks and
// the conviction included. One bit of a step of the run is wrong: of the largest step of every kind in the model. Prompt and
// output fill the context, so they are as long as they can be. The chain takes Prague's price of calldata.
import { readFileSync } from 'node:fs';
import {
  challengerMove,
  commitFile,
  commitTrace,
  decodeDescriptor,
  directProof,
  execute,
  Opcode,
  operatorMove,
  turnOf,
} from '@openimo/donnx';
import { faultyTrace, Random } from '@openimo/donnx/testing';
import { gpt } from '@openimo/models';
import { Arena } from '../dist/testing/arena.js';

const PROMPT_BYTES = 48;
const MOST_NEW_BYTES = gpt.context - PROMPT_BYTES;
/** The last byte of the text. */
const STEP = MOST_NEW_BYTES - 1;

const BARS = {
  'dispute.direct.gas': 500_000,
  'dispute.direct.transactions': 4,
  'dispute.full.gas': 850_000,
  'dispute.full.transactions': 11,
  'dispute.full.calldata': 12_000,
  'dispute.parallel.gas': 850_000,
  'dispute.parallel.growth': 1,
};

/** Who dispute one answer at once, one of them the operator itself. */
const CROWD = ['bob', 'carol', 'idler', 'developer', 'publisher', 'deployer', 'operator'];

/** @returns {Promise<{ name: string, min: number, median: number, max: number, bar: number | null }[]>} */
export async function rows() {
  const model = commitFile(readFileSync(gpt.modelPath));
  const { text } = gpt.heldBack().find(({ text }) => !text.includes(0));
  const dispute = { model, text, honest: commitTrace(execute(model.graph, text.with(gpt.context - 1, 0))) };
  const arena = await Arena.open({ args: ['--hardfork', 'prague'] });
  try {
    const versionId = await arena.publish(model, MOST_NEW_BYTES);
    const measured = new Map();
    const note = (name, value) => measured.set(name, [...(measured.get(name) ?? []), Number(value)]);
    for (const node of largestOfEach(model)) {
      const operator = faultyTrace(dispute, new Random(node), node, false);
      noteAll(note, 'full', await playFull(arena, versionId, dispute, operator));
      noteAll(note, 'direct', await playDirect(arena, versionId, dispute, operator));
    }
    await measureParallel(note, arena, versionId, dispute);
    return [...measured].map(([name, values]) => row(name, values));
  } finally {
    await arena.close();
  }
}

/** Per operation and datatype, the step whose dispute says most: of the highest trees, over the longest rows. */
function largestOfEach({ descriptors }) {
  const largest = new Map();
  for (const [node, bytes] of descriptors.entries()) {
    const { op, datatype, height, length, inputs } = decodeDescriptor(bytes);
    if (op === Opcode.Input) continue;
    const size = 1_000 * height + 100 * inputs.reduce((sum, input) => sum + input.height, 0) + length;
    const kind = `${op} ${datatype}`;
    if (!(largest.get(kind)?.size >= size)) largest.set(kind, { node, size });
  }
  return [...largest.values()].map(({ node }) => node);
}

/** The answer of the operator whose run this is, and the dispute of its last byte. */
function challenge(arena, versionId, { model, text }, operator) {
  const [last] = operator.trace[model.commitment.outNode];
  const output = Uint8Array.from([...text.subarray(PROMPT_BYTES, PROMPT_BYTES + STEP), ...(last === 0 ? [] : [last])]);
  const prompt = text.subarray(0, PROMPT_BYTES);
  const answer = { kind: 'text', prompt, output, mostNewBytes: MOST_NEW_BYTES, context: gpt.context };
  return arena.dispute(model, versionId, answer, STEP);
}

async function playFull(arena, versionId, dispute, operator) {
  const match = await challenge(arena, versionId, dispute, operator);
  while (turnOf(match.state) !== undefined) await play(match, dispute, operator);
  return match.sent;
}

async function play(match, { model, honest }, operator) {
  const { state, moves } = match;
  const move =
    turnOf(state) === 'operator'
      ? operatorMove(model.commitment, state, operator)
      : challengerMove(model, state, moves, honest);
  if (!(await match.make(move))) throw new Error(`${move.kind} was refused`);
}

/**
 * Eight disputes of one byte at once, move by move in turn, against one alone of the same fault: the trace is posted once, the
 * first proof ends them all. `growth` is what a challenge and its moves, or the proof, cost as a multiple of the same alone, to
 * the hundredth: ids and times that have a zero byte more or less do not count.
 */
async function measureParallel(note, arena, versionId, dispute) {
  const node = largestOfEach(dispute.model)[0];
  const operator = faultyTrace(dispute, new Random(node), node, false);
  const alone = await playFull(arena, versionId, dispute, operator);
  const first = await challenge(arena, versionId, dispute, operator);
  const matches = [first];
  for (const person of CROWD) matches.push(await arena.join(first, person));
  await play(first, dispute, operator);
  for (const match of matches.slice(1)) match.adoptTrace(first);
  while (first.state.phase !== 'AwaitProof') for (const match of matches) await play(match, dispute, operator);
  await play(first, dispute, operator);

  const own = (sent) => gasOf(sent, (what) => !['assertion', 'postTrace', 'prove'].includes(what));
  const proof = (sent) => gasOf(sent, (what) => what === 'prove');
  const growth = [...matches.map(({ sent }) => own(sent) / own(alone)), proof(first.sent) / proof(alone)];
  for (const times of growth) note('dispute.parallel.growth', Number(times.toFixed(2)));
  const total = sum(matches.map(({ sent }) => gasOf(sent, (what) => what !== 'assertion')));
  note('dispute.parallel.gas', Math.round(total / matches.length));
}

function gasOf(sent, counts) {
  return sum(sent.filter(({ what }) => counts(what)).map(({ gas }) => Number(gas)));
}

async function playDirect(arena, versionId, dispute, operator) {
  const { model, honest } = dispute;
  const match = await challenge(arena, versionId, dispute, operator);
  const moves = [operatorMove(model.commitment, match.state, operator), directProof(model, operator, honest)];
  for (const move of moves) if (!(await match.make(move))) throw new Error(`${move.kind} was refused`);
  return match.sent;
}

/** A direct dispute counts from the answer to its conviction, a full one from the challenge. */
function noteAll(note, kind, sent) {
  for (const { what, gas } of sent) note(`move.${what}`, gas);
  const counted = kind === 'direct' ? sent : sent.filter(({ what }) => what !== 'assertion');
  note(`dispute.${kind}.gas`, sum(counted.map(({ gas }) => Number(gas))));
  note(`dispute.${kind}.transactions`, counted.length);
  note(`dispute.${kind}.calldata`, sum(counted.map(({ calldata }) => calldata)));
}

function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}

function row(name, values) {
  const sorted = values.toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)];
  return { name, min: sorted[0], median, max: sorted.at(-1), bar: BARS[name] ?? null };
}
