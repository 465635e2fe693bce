import type { TensorSpec } from '@openimo/domain';
import { lowerFloatModel } from '../float/lower-float-model.js';
import { buildGraph, type NodeParts } from '../onnx/build-graph.js';
import { importOnnx } from '../onnx/import-onnx.js';
import type { PlainGraph } from '../onnx/plain-graph.js';
import { DATATYPE_CODES, tensorOf, type Tensor } from '../tensor/tensor.js';
import { calibrate, normal } from './float-models.js';
import { Random } from './random.js';

export const CONTEXT = 8;
const [WIDTH, HEADS, BYTES] = [16, 2, 256];

/** A causal transformer of one layer, from a text to the byte that follows it, with random weights. */
function textModel(activation: string) {
  const random = new Random(6);
  const size = WIDTH / HEADS;
  const weights: Record<string, Tensor> = {
    tokens: normal(random, [BYTES, WIDTH], 1),
    positions: normal(random, [CONTEXT, WIDTH], 1),
    gain: normal(random, [WIDTH], 1),
    bias: normal(random, [WIDTH], 1),
    cut: tensorOf('INT64', [3], [CONTEXT, HEADS, size]),
    join: tensorOf('INT64', [2], [CONTEXT, WIDTH]),
    axis: tensorOf('INT64', [1], [0]),
    one: tensorOf('INT32', [1], [1]),
    zero: tensorOf('INT32', [1], [0]),
    causal: tensorOf(
      'FP32',
      [CONTEXT, CONTEXT],
      Array.from({ length: CONTEXT ** 2 }, (_, at) => (at % CONTEXT > Math.floor(at / CONTEXT) ? -1e9 : 0)),
    ),
  };
  const nodes: NodeParts[] = [];
  const add = (operator: string, inputs: string[], output: string, attributes: NodeParts['attributes'] = {}) => {
    nodes.push({ operator, inputs, outputs: [output], attributes, name: output });
    return output;
  };
  const product = (x: string, name: string, columns = WIDTH, rows = WIDTH) => {
    weights[name] = normal(random, [rows, columns], rows ** -0.5);
    return add('MatMul', [x, name], `${name}_product`);
  };
  const head = (x: string, name: string, perm: number[]) =>
    add('Transpose', [add('Reshape', [product(x, name), 'cut'], `${name}_cut`)], `${name}_heads`, { perm });
  const norm = (x: string, name: string) => add('LayerNormalization', [x, 'gain', 'bias'], name, { axis: -1 });

  const present = add('Cast', [add('Cast', ['text'], 'is_text', { to: DATATYPE_CODES.BOOL })], 'ones', {
    to: DATATYPE_CODES.INT32,
  });
  const length = add('ReduceSum', [present, 'axis'], 'length', { keepdims: 1 });
  add('Max', [add('Sub', [length, 'one'], 'before_end'), 'zero'], 'last');
  const ids = add('Cast', ['text'], 'ids', { to: DATATYPE_CODES.INT64 });
  const stream = add('Add', [add('Gather', ['tokens', ids], 'embedded', { axis: 0 }), 'positions'], 'stream');
  const x = norm(stream, 'norm1');
  const [q, k, v] = [head(x, 'q', [1, 0, 2]), head(x, 'k', [1, 2, 0]), head(x, 'v', [1, 0, 2])];
  const masked = add('Add', [add('MatMul', [q, k], 'scores'), 'causal'], 'masked');
  const mixed = add('MatMul', [add('Softmax', [masked], 'attention', { axis: -1 }), v], 'mix');
  const joined = add('Reshape', [add('Transpose', [mixed], 'mix_rows', { perm: [1, 0, 2] }), 'join'], 'joined');
  const middle = add('Add', [stream, product(joined, 'out')], 'middle');
  const active = add(activation, [product(norm(middle, 'norm2'), 'up', 4 * WIDTH)], 'active');
  const after = add('Add', [middle, product(active, 'down', WIDTH, 4 * WIDTH)], 'after');
  const row = norm(add('Gather', [after, 'last'], 'row', { axis: 0 }), 'norm3');
  weights['head'] = normal(random, [WIDTH, BYTES], 1);
  add('MatMul', [row, 'head'], 'logits');
  add('Cast', [add('ArgMax', ['logits'], 'greatest', { axis: 1, keepdims: 0 })], 'next', { to: DATATYPE_CODES.UINT8 });
  const inputs: TensorSpec[] = [{ name: 'text', datatype: 'UINT8', shape: [CONTEXT] }];
  return { random, graph: buildGraph({ opset: 20, inputs, nodes, initializers: weights, outputs: ['next'] }) };
}

/** It in the bit-exact profile. */
export async function loweredTextModel(activation: string): Promise<PlainGraph> {
  const { random, graph } = textModel(activation);
  const feeds = Array.from({ length: 30 }, () => ({ text: random.bytes(CONTEXT) }));
  return importOnnx(lowerFloatModel({ graph, observations: await calibrate(graph, feeds), encodings: {} }));
}
