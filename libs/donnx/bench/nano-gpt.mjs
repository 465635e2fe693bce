// A nanoGPT of random weights: learned positions, causal attention and GELU, without biases.
import * as donnx from '../dist/index.js';
import { normal } from '../dist/testing/float-models.js';
import { Random } from '../dist/testing/random.js';

/** @returns the float32 graph, from tokens `x` INT64 [context] to scores `y` FP32 [context, vocabulary] */
export function buildNanoGpt({ layers, width, heads, context, vocabulary }) {
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
    const bias = weight(`${name}.bias`, [width], 0.05);
    return add('LayerNormalization', [value, `${name}.gain`, bias], name, { axis: -1 });
  };

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

/** Tokens drawn alike. */
export function randomTokens(count, { context, vocabulary }) {
  const random = new Random(8);
  return Array.from({ length: count }, () =>
    BigInt64Array.from({ length: context }, () => BigInt(random.integer(0, vocabulary - 1))),
  );
}
