// npm run bench -- dispute [--json]: gas of whole transactions that convict an operator of one wrong element, sent to StepVerifier
// itself, on a chain with Prague's price of calldata. What a dispute game adds around it is not in these rows.
import { datatypeBytes } from '@openimo/domain';
import { chunkAt, commitModel, commitTrace, execute, sha256 } from '@openimo/donnx';
import { Random } from '@openimo/donnx/testing';
import { questionOf, StepJudge } from '../dist/support/step-judge.js';
import { oneOfEach } from './one-of-each.mjs';

const BAR = 160_000;
const BAR_OF_1024 = 210_000;
const ELEMENTS_PER_STEP = 20;

/** @returns {Promise<{ name: string, min: number, median: number, max: number, bar: number }[]>} */
export async function rows() {
  const graph = oneOfEach();
  const random = new Random(21);
  const model = commitModel(graph, sha256(Uint8Array.of(1)));
  const honest = commitTrace(execute(graph, random.bytes(graph.steps[0].dims[0])));
  const judge = await StepJudge.start();
  try {
    const measured = new Map();
    for (const [node, step] of graph.steps.entries()) {
      const name = nameOf(step);
      if (node === 0 || name.includes('filler')) continue;
      if (!measured.has(name)) measured.set(name, []);
      for (let count = 0; count < ELEMENTS_PER_STEP; count++) {
        const question = wrongElement(model, honest, node, random);
        if ((await judge.ask(question)) !== 'wrong') throw new Error(`${name}: no conviction`);
        measured.get(name).push((await judge.cost(question)).gas);
      }
    }
    return [...measured].map(([name, gas]) => row(name, gas));
  } finally {
    await judge.stop();
  }
}

/** The ONNX node that a step is of; the last step packs the outputs. */
function nameOf({ where }) {
  return /"(.*)"/.exec(where)?.[1] ?? 'outputs';
}

function wrongElement(model, honest, node, random) {
  const { datatype } = model.graph.steps[node];
  const size = datatypeBytes(datatype);
  const chunkIndex = random.integer(0, Math.ceil(honest.trace[node].length / 256) - 1);
  const chunk = Uint8Array.from(chunkAt(honest.trace[node], chunkIndex));
  const element = random.integer(0, chunk.length / size - 1);
  // Within the row, where it is ArgMax's position: outside of it no operand need be read.
  chunk[element * size] ^= 1;
  return questionOf(model, honest, { node, chunkIndex, element }, chunk);
}

function row(name, gas) {
  const sorted = gas.toSorted((a, b) => a - b);
  return {
    name: `prove.${name}`,
    min: sorted[0],
    median: sorted[Math.floor(sorted.length / 2)],
    max: sorted.at(-1),
    bar: name.endsWith('K=1024') ? BAR_OF_1024 : BAR,
  };
}
