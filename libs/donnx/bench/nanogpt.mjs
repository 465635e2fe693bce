// What a nanoGPT of random weights costs on the honest path and in a dispute, beside its float32 original.
// Usage: npm run build -w libs/donnx && npm run bench -w libs/donnx [-- layers width heads context vocabulary]
import * as donnx from '../dist/index.js';
import { buildNanoGpt, randomTokens } from './nano-gpt.mjs';
import { calibrateAndLower, open, race, tensorOf } from './race.mjs';

const [layers = 5, width = 128, heads = 4, context = 64, vocabulary = 65] = process.argv.slice(2).map(Number);
const size = { layers, width, heads, context, vocabulary };
const cpuMs = (run) => {
  const before = process.cpuUsage();
  const result = run();
  return [result, process.cpuUsage(before).user / 1000];
};

function bytesOf(value) {
  if (value instanceof Uint8Array) return value.length;
  if (typeof value === 'number') return 4;
  return value && typeof value === 'object' ? Object.values(value).reduce((sum, part) => sum + bytesOf(part), 0) : 0;
}

/** One wrong bit in every `every`-th step: the largest dispute. */
function worstDispute(model, trace, honest, every) {
  const worst = { moves: 0, bytes: 0, proofBytes: 0, directBytes: 0 };
  for (let id = 1; id < trace.length; id += every) {
    const wrong = Uint8Array.from(trace[id]);
    wrong[wrong.length >> 1] ^= 1;
    const trees = honest.trees.with(id, donnx.tensorTree(wrong));
    const tree = new donnx.MerkleTree(trees.map(({ root }) => root));
    const operator = { trace: trace.with(id, wrong), trees, tree, root: tree.root };
    const roots = { input: trees[0].root, output: trees[model.commitment.outNode].root };
    const { loser, moves } = donnx.playDispute(model, roots, operator, honest);
    if (loser !== 'operator') throw new Error(`step ${id} was not convicted`);
    worst.moves = Math.max(worst.moves, moves.length);
    worst.bytes = Math.max(worst.bytes, bytesOf(moves));
    worst.proofBytes = Math.max(worst.proofBytes, bytesOf(moves.at(-1)));
    worst.directBytes = Math.max(worst.directBytes, bytesOf(donnx.directProof(model, operator, honest)));
  }
  return worst;
}

const graph = buildNanoGpt(size);
const parameters = [...graph.initializers.values()].reduce(
  (sum, { datatype, data }) => sum + (datatype === 'FP32' ? data.length : 0),
  0,
);
const output = { name: 'y', datatype: 'FP32', shape: [context, vocabulary] };
const feeds = randomTokens(16, size).map((tokens) => ({ x: tensorOf('int64', tokens, [context]) }));
const [calibration, heldBack] = [feeds.slice(0, 8), feeds.slice(8)];
const lowered = await calibrateAndLower(graph, calibration);
const sessions = [await open(donnx.encodeOnnx(graph, { outputs: [output] })), await open(lowered)];
const answers = [[], []];
for (const feed of heldBack) {
  for (const [at, session] of sessions.entries()) answers[at].push((await session.run(feed)).y.data);
}
const onnxruntimeMs = await race(sessions.map((session) => ({ session, feed: heldBack[0] })));
const [compiled, compileMs] = cpuMs(() => donnx.compileModel(lowered));
const input = new Uint8Array(heldBack[0].x.data.slice().buffer);
donnx.execute(compiled, input);
const [trace, executeMs] = cpuMs(() => donnx.execute(compiled, input));
const [model, commitModelMs] = cpuMs(() => donnx.commitModel(compiled, donnx.sha256(lowered)));
const [honest, commitTraceMs] = cpuMs(() => donnx.commitTrace(trace));

console.log({
  parameters,
  nodes: donnx.importOnnx(lowered).nodes.length,
  steps: compiled.steps.length,
  fidelity: donnx.compareOutputs(...answers, vocabulary),
  onnxruntimeMs,
  cpuMs: { compile: compileMs, execute: executeMs, commitModel: commitModelMs, commitTrace: commitTraceMs },
  traceBytes: trace.reduce((sum, { length }) => sum + length, 0),
  worstDispute: worstDispute(model, trace, honest, 17),
});
