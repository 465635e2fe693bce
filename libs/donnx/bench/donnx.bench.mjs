// What the honest path costs beside the float32 original: nanoGPTs of random weights, and the example models.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as donnx from '../dist/index.js';
import { buildNanoGpt, randomTokens } from './nano-gpt.mjs';
import { calibrateAndLower, open, race, tensorOf } from './race.mjs';

const VOCABULARY = 65;
const CONTEXT = 64;
const TYPES = { float32: 'FP32', uint8: 'UINT8', int32: 'INT32', int64: 'INT64', bool: 'BOOL' };

const NANO_GPTS = [
  { model: 'nanoGPT 1.0M', layers: 5, width: 128, heads: 4, bars: { 1: 0.85, 2: null } },
  { model: 'nanoGPT 10.7M', layers: 6, width: 384, heads: 6, bars: { 1: 0.65 } },
  { model: 'nanoGPT 25.3M', layers: 8, width: 512, heads: 8, bars: { 1: 0.85 } },
];

/** @returns rows { model, threads, floatMs, donnxMs, ratio, bar, fidelity } */
export async function rows() {
  const measured = [];
  for (const { model, bars, ...size } of NANO_GPTS) measured.push(...(await nanoGptRows(model, bars, size)));
  measured.push(await gptRow(), await decodeRow(), await digitsRow());
  return measured;
}

async function nanoGptRows(model, bars, size) {
  const shape = { ...size, context: CONTEXT, vocabulary: VOCABULARY };
  const graph = buildNanoGpt(shape);
  const feeds = randomTokens(24, shape).map((tokens) => ({ x: tensorOf('int64', tokens, [CONTEXT]) }));
  const output = { name: 'y', datatype: 'FP32', shape: [CONTEXT, VOCABULARY] };
  const files = [donnx.encodeOnnx(graph, { outputs: [output] }), await calibrateAndLower(graph, feeds.slice(0, 16))];
  const fidelity = await compare(
    files,
    'y',
    VOCABULARY,
    feeds.slice(16).map((feed) => [feed, feed]),
  );
  const found = [];
  for (const [threads, bar] of Object.entries(bars)) {
    found.push(await row(model, files, Number(threads), bar, [feeds[20], feeds[20]], fidelity));
  }
  return found;
}

/** The trained text generator, as it is shipped. */
async function gptRow() {
  const files = ['gpt/gpt.float.onnx', 'gpt/gpt.onnx'].map(read);
  const text = read('gpt/heldback.bin');
  const feeds = Array.from({ length: 200 }, (_, at) => {
    const feed = { text: tensorOf('uint8', text.subarray(65 * at, 65 * at + CONTEXT), [CONTEXT]) };
    return [feed, feed];
  });
  const fidelity = await compare(files, 'logits', 256, feeds);
  return row('gpt (trained)', files, 1, 0.85, feeds[0], fidelity);
}

/** One byte of a text that the trained generator has read 40 bytes of, with keys and values in caches. */
async function decodeRow() {
  const original = donnx.importOnnx(read('gpt/gpt.float.onnx'));
  const graphs = [
    donnx.decodeGraph(original, 'last', await floatShapes(original)),
    donnx.decodeGraph(donnx.importOnnx(read('gpt/gpt.onnx')), 'last'),
  ];
  const contestants = [];
  for (const { graph, caches } of graphs) {
    const session = await open(donnx.encodeOnnx(graph, { outputs: graph.outputs.map((name) => ({ name })) }));
    const feed = {
      text: tensorOf('uint8', Uint8Array.of(0x20), [1]),
      position: tensorOf('int32', Int32Array.of(40), [1]),
    };
    for (const { input } of caches) {
      const elements = input.shape.reduce((product, dim) => product * dim, 1);
      const isFloat = input.datatype === 'FP32';
      const data = isFloat ? new Float32Array(elements) : new Uint8Array(elements);
      feed[input.name] = tensorOf(isFloat ? 'float32' : 'uint8', data, input.shape);
    }
    contestants.push({ session, feed });
  }
  return { model: 'gpt (trained), one byte by cached decode', threads: 1, ...(await race(contestants)), bar: 1.2 };
}

/** What every value of a float model is, from one run. */
async function floatShapes(graph) {
  const [input] = graph.inputs;
  const session = await open(donnx.observableModel(graph).file);
  const zeros = new Uint8Array(input.shape[0]);
  const answers = await session.run({ [input.name]: tensorOf('uint8', zeros, input.shape) });
  return (name) => name in answers && { dims: answers[name].dims, datatype: TYPES[answers[name].type] };
}

async function digitsRow() {
  const files = ['digits-cnn/digits-cnn.float.onnx', 'digits-cnn/digits-cnn.onnx'].map(read);
  const images = read('digits/heldback.bin');
  const feeds = Array.from({ length: 200 }, (_, at) => {
    const pixels = images.subarray(65 * at + 1, 65 * (at + 1));
    const numbers = Float32Array.from(pixels, (pixel) => pixel / 16);
    const shape = [1, 1, 8, 8];
    return [{ pixels: tensorOf('float32', numbers, shape) }, { pixels_bytes: tensorOf('uint8', pixels, shape) }];
  });
  const fidelity = await compare(files, 'logits', 10, feeds);
  return row('digits-cnn', files, 1, null, feeds[0], fidelity);
}

function read(name) {
  return new Uint8Array(readFileSync(fileURLToPath(new URL(`../../models/${name}`, import.meta.url))));
}

async function row(model, files, threads, bar, feeds, fidelity) {
  const sessions = await Promise.all(files.map((file) => open(file, threads)));
  const times = await race(sessions.map((session, at) => ({ session, feed: feeds[at] })));
  return { model, threads, ...times, bar, fidelity };
}

/** Scores of both on the same examples. */
async function compare(files, scores, width, examples) {
  const sessions = [];
  for (const file of files) {
    const graph = donnx.importOnnx(file, { floatInputs: true });
    sessions.push(await open(donnx.encodeOnnx(graph, { outputs: [{ name: scores }] })));
  }
  const answers = [[], []];
  for (const feeds of examples) {
    for (const [at, session] of sessions.entries()) answers[at].push((await session.run(feeds[at]))[scores].data);
  }
  const { top1Agreement, meanCosine } = donnx.compareOutputs(...answers, width);
  return { top1Agreement, meanCosine };
}
