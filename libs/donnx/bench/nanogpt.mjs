// What a nanoGPT of random weights costs on the honest path and in a dispute, beside its float32 original.
// Usage: npm run build -w libs/donnx && npm run bench -w libs/donnx [-- layers width heads context vocabulary]
import { InferenceSession, Tensor } from 'onnxruntime-node';
import * as donnx from '../dist/index.js';
import { normal } from '../dist/testing/float-models.js';
import { Random } from '../dist/testing/random.js';

const [layers = 5, width = 128, heads = 4, context = 64, vocabulary = 65] = process.argv.slice(2).map(Number);
const random = new Random(7);
const initializers = new Map();
const nodes = [];

const weight = (name, dims, deviation = dims[0] ** -0.5) => {
  initializers.set(name, normal(random, dims, deviation));
  return name;
};
const integers = (name, values) => {
  initializers.set(name, donnx.tensorOf('INT64', [values.length], values));
  return name;
};
const add = (operator, inputs, name, attributes = {}) => {
  const where = `Node "${name}" (${operator})`;
  nodes.push({ operator, inputs, outputs: [name], attributes: new Map(Object.entries(attributes)), name, where });
  return name;
};
const norm = (value, name) => {
  const gains = Array.from({ length: width }, () => Math.fround(0.8 + random.next() * 0.4));
  initializers.set(`${name}.gain`, donnx.tensorOf('FP32', [width], gains));
  return add('LayerNormalization', [value, `${name}.gain`, weight(`${name}.bias`, [width], 0.05)], name, { axis: -1 });
};

/** A decoder with learned positions, causal attention and GELU, as nanoGPT has it, without biases. */
function buildGpt() {
  const size = width / heads;
  integers('split', [context, heads, size]);
  integers('join', [context, width]);
  initializers.set('root', donnx.tensorOf('FP32', [], [Math.fround(size ** -0.5)]));
  const causal = Array.from({ length: context ** 2 }, (_, at) => (at % context > Math.floor(at / context) ? -1e9 : 0));
  initializers.set('mask', donnx.tensorOf('FP32', [context, context], causal));
  const tokens = add('Gather', [weight('tokens', [vocabulary, width], 0.6), 'x'], 'embedded');
  let stream = add('Add', [tokens, weight('positions', [context, width], 0.3)], 'stream');
  for (let layer = 0; layer < layers; layer++) {
    const at = (name) => `${name}${layer}`;
    const value = norm(stream, at('norm'));
    const head = (name, perm) => {
      const rows = add('MatMul', [value, weight(at(`w_${name}`), [width, width])], at(name));
      return add('Transpose', [add('Reshape', [rows, 'split'], at(`${name}_split`))], at(`${name}_heads`), { perm });
    };
    const [q, k, v] = [head('q', [1, 0, 2]), head('k', [1, 2, 0]), head('v', [1, 0, 2])];
    const scores = add('Mul', [add('MatMul', [q, k], at('scores')), 'root'], at('scaled'));
    const attention = add('Softmax', [add('Add', [scores, 'mask'], at('masked'))], at('attention'), { axis: -1 });
    const mixed = add('Transpose', [add('MatMul', [attention, v], at('mix'))], at('mix_rows'), { perm: [1, 0, 2] });
    const joined = add('Reshape', [mixed, 'join'], at('mix_joined'));
    stream = add('Add', [stream, add('MatMul', [joined, weight(at('w_o'), [width, width])], at('o'))], at('middle'));
    const up = add('MatMul', [norm(stream, at('norm2_')), weight(at('w_up'), [width, 4 * width])], at('up'));
    const down = add('MatMul', [add('Gelu', [up], at('gelu')), weight(at('w_down'), [4 * width, width])], at('down'));
    stream = add('Add', [stream, down], at('stream'));
  }
  add('MatMul', [norm(stream, 'last'), weight('head', [width, vocabulary], 2 * width ** -0.5)], 'y');
  const inputs = [{ name: 'x', datatype: 'INT64', shape: [context] }];
  return { opset: 20, inputs, outputs: ['y'], nodes, initializers };
}

const open = (file) =>
  InferenceSession.create(file, { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 4 });
const feed = (tokens) => ({ x: new Tensor('int64', tokens, [context]) });
const cpuMs = (run) => {
  const before = process.cpuUsage();
  const result = run();
  return [result, process.cpuUsage(before).user / 1000];
};

/** Best wall time of a run, the two taking turns so that a busy machine is fair to both. */
async function race(sessions, tokens) {
  const best = sessions.map(() => Infinity);
  for (let run = 0; run < 300; run++) {
    for (const [at, session] of sessions.entries()) {
      const start = performance.now();
      await session.run(feed(tokens));
      best[at] = Math.min(best[at], performance.now() - start);
    }
  }
  return best;
}

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

const graph = buildGpt();
const parameters = [...initializers.values()].reduce(
  (sum, { datatype, data }) => sum + (datatype === 'FP32' ? data.length : 0),
  0,
);
const output = { name: 'y', datatype: 'FP32', shape: [context, vocabulary] };
const file = donnx.encodeOnnx(graph, { outputs: [output] });
const examples = Array.from({ length: 16 }, () =>
  BigInt64Array.from({ length: context }, () => BigInt(random.integer(0, vocabulary - 1))),
);
const [calibration, heldBack] = [examples.slice(0, 8), examples.slice(8)];

const observed = await open(donnx.observableModel(graph).file);
const observations = new Map();
for (const tokens of calibration) {
  for (const [name, { type, dims, data }] of Object.entries(await observed.run(feed(tokens)))) {
    if (type === 'float32') donnx.observe(observations, name, dims, data);
  }
}
const lowered = donnx.lowerFloatModel({ graph, observations, encodings: {} });
const sessions = [await open(file), await open(lowered)];
const answers = [[], []];
for (const tokens of heldBack) {
  for (const [at, session] of sessions.entries()) answers[at].push((await session.run(feed(tokens))).y.data);
}
const [floatMs, donnxMs] = await race(sessions, heldBack[0]);
const [compiled, compileMs] = cpuMs(() => donnx.compileModel(lowered));
const input = new Uint8Array(heldBack[0].slice().buffer);
donnx.execute(compiled, input);
const [trace, executeMs] = cpuMs(() => donnx.execute(compiled, input));
const [model, commitModelMs] = cpuMs(() => donnx.commitModel(compiled, donnx.sha256(lowered)));
const [honest, commitTraceMs] = cpuMs(() => donnx.commitTrace(trace));

console.log({
  parameters,
  nodes: donnx.importOnnx(lowered).nodes.length,
  steps: compiled.steps.length,
  fidelity: donnx.compareOutputs(...answers, vocabulary),
  onnxruntimeMs: { float: floatMs, donnx: donnxMs, ratio: donnxMs / floatMs },
  cpuMs: { compile: compileMs, execute: executeMs, commitModel: commitModelMs, commitTrace: commitTraceMs },
  traceBytes: trace.reduce((sum, { length }) => sum + length, 0),
  worstDispute: worstDispute(model, trace, honest, 17),
});
